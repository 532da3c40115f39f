import { FailoverctlError } from '../core/errors.ts'
import { nearest } from '../core/nearest.ts'
import { type At, lookup, type Value } from '../source/value.ts'
import { parseClaim } from './assertion.ts'
import type { MeasureData, ProbeData } from './experiment-file.ts'
import { bad, ms } from './place.ts'
import { PROBE_KEYS, PROBE_TYPES, type ProbeSettings, type ProbeType, type When, type WishedProbe } from './probe-wish.ts'
import { NoTolerance, parseTolerance, type Tolerance, unitOf } from './tolerance.ts'
import type { Wish } from './wish.ts'

const DEFAULTS = { intervalMs: 1000, timeoutMs: 5000, failureThreshold: 3, successThreshold: 1 }
const COMMON = ['type', 'name', 'probe', 'tolerance', 'when', 'interval', 'timeout', 'failure-threshold', 'success-threshold']

/** One probe of the hypothesis. `watched` are the names under `abort-on`. Throws `bad-experiment` with the place. */
export function readProbe(entry: ProbeData, node: Value | undefined, place: At, watched: ReadonlySet<string>): WishedProbe {
  const probe = typeOf(entry, lookup(node, 'probe')?.at ?? place)
  checkKeys(entry, probe, node, place)
  const settings = settingsOf(entry)
  const name = entry.name ?? nameOf(probe, settings)
  return {
    name,
    probe,
    tolerance: toleranceOf(entry, probe, node, place),
    // What ends a run is looked at all the time, unless it is said when.
    when: (entry.when as When | undefined) ?? (watched.has(name) ? 'continuous' : 'edge'),
    intervalMs: ms(entry.interval) ?? DEFAULTS.intervalMs,
    timeoutMs: ms(entry.timeout) ?? DEFAULTS.timeoutMs,
    failureThreshold: entry['failure-threshold'] ?? DEFAULTS.failureThreshold,
    successThreshold: entry['success-threshold'] ?? DEFAULTS.successThreshold,
    settings,
    at: place,
  }
}

function typeOf({ probe }: ProbeData, place: At): ProbeType {
  const found = PROBE_TYPES.find(type => type === probe)
  if (found) return found
  const meant = nearest(probe, PROBE_TYPES)
  throw bad(
    place,
    `no probe is called \`${probe}\`${meant ? `; did you mean \`${meant}\`?` : ''}`,
    `Probes: ${PROBE_TYPES.join(', ')}.`,
  )
}

function checkKeys(entry: ProbeData, probe: ProbeType, node: Value | undefined, place: At): void {
  const { takes, needs, tolerance } = PROBE_KEYS[probe]
  const known = [...COMMON, ...takes]
  const unknown = Object.keys(entry).find(key => !known.includes(key))
  if (unknown !== undefined) {
    const keyAt = (node?.kind === 'map' && node.entries.get(unknown)?.keyAt) || place
    const meant = nearest(unknown, known)
    const hint = `It takes ${takes.length > 0 ? takes.join(', ') : 'nothing of its own'}.`
    throw bad(keyAt, `the probe ${probe} takes no \`${unknown}\`${meant ? `; did you mean \`${meant}\`?` : ''}`, hint)
  }
  const missing = needs.find(key => entry[key] === undefined)
  if (missing) throw bad(place, `the probe ${probe} has no \`${missing}\``)
  if (entry.tolerance === undefined && tolerance === undefined) throw bad(place, `the probe ${probe} has no \`tolerance\``)
}

const settingsOf = ({ after, ...entry }: ProbeData): ProbeSettings => ({
  ...(Object.fromEntries(Object.entries(entry).filter(([key]) => !COMMON.includes(key))) as ProbeSettings),
  ...(typeof after === 'string' && { afterMs: ms(after) }),
})

/** For those that nobody gave a name: what they look at. */
function nameOf(probe: ProbeType, { connector, exporter, backend, metric, run }: ProbeSettings): string {
  const what = connector ?? exporter ?? backend ?? metric ?? run?.[0]
  return what === undefined ? probe : `${probe} ${what}`
}

const WRITTEN = {
  plain: 'a number',
  share: 'a share such as 80%',
  seconds: 'a duration with a unit such as 5s',
  bytes: 'a size such as 512MiB',
  text: 'text, `regex` or `jsonpath`',
} as const

function toleranceOf(entry: ProbeData, probe: ProbeType, node: Value | undefined, place: At): Tolerance {
  const { units, tolerance: otherwise } = PROBE_KEYS[probe]
  const at = lookup(node, 'tolerance')?.at ?? place
  const tolerance = parsed(entry.tolerance ?? otherwise, at)
  if (units.includes(unitOf(tolerance))) return tolerance
  throw bad(
    at,
    `the tolerance of the probe ${probe} is ${units.map(unit => WRITTEN[unit]).join(', or ')}: \`${tolerance.text}\` is none`,
  )
}

function parsed(given: unknown, place: At): Tolerance {
  try {
    return parseTolerance(given)
  } catch (error) {
    if (!(error instanceof NoTolerance)) throw error
    throw bad(
      place,
      error.message,
      'A tolerance is a value, [from, to], a list, `< 5s`, {regex: …} or {jsonpath: …, tolerance: …}.',
    )
  }
}

/** A tolerance as assertions say it: 0 is `== 0`, [1, 5] is `>= 1 and <= 5`. */
export function readMeasure({ measure, tolerance }: MeasureData, node: Value | undefined, place: At): Wish['claims'][number] {
  const at = lookup(node, 'tolerance')?.at ?? place
  if (typeof tolerance === 'object' && !(Array.isArray(tolerance) && tolerance.length === 2))
    throw bad(at, 'the tolerance of a measure is a value, a range [from, to], or a comparison such as `< 10s`')
  const text = Array.isArray(tolerance)
    ? `${measure} >= ${tolerance[0]} and ${measure} <= ${tolerance[1]}`
    : /^\s*[<>=!]/.test(String(tolerance))
      ? `${measure} ${tolerance}`
      : `${measure} == ${tolerance}`
  try {
    parseClaim(text)
  } catch (error) {
    if (!(error instanceof FailoverctlError)) throw error
    throw bad(place, error.message.replace(/^--assert /, ''), error.hint)
  }
  return { text, at: place }
}
