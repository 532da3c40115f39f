import { experiment as isExperiment } from '#schemas'
import { parseDuration } from '../core/duration.ts'
import { FailoverctlError } from '../core/errors.ts'
import { beside } from '../source/beside.ts'
import { readYaml } from '../source/read-yaml.ts'
import { schemaNotes } from '../source/schema.ts'
import { type At, lookup, plain, type Value } from '../source/value.ts'
import { parseClaim } from './assertion.ts'
import type { Action, Wish, WishedFault } from './wish.ts'

export interface ExperimentFile extends Wish {
  /** Collector configs, relative to the file. */
  readonly config: readonly string[]
}

/** What an experiment file asks for (schemas/experiment.schema.json). Throws `bad-experiment` with the place. */
export function readExperiment(file: string, text: string): ExperimentFile {
  const root = readYaml(file, text)
  const data = plain(root) as Experiment
  if (!isExperiment(data)) throw refused(file, root)
  const { configuration: given = {}, config = [] } = data
  return {
    title: data.title,
    config: [config].flat().map(location => beside(file, location)),
    faults: data.method.map((action, index) => faultOf(action, at(root, 'method', index))),
    claims: (data['steady-state-hypothesis']?.probes ?? []).flatMap((probe, index) =>
      claimsOf(probe, at(lookup(root, 'steady-state-hypothesis'), 'probes', index)),
    ),
    traffic: given.traffic === undefined ? undefined : Number.parseFloat(String(given.traffic)),
    spansPerRequest: given['spans-per-request'],
    spanBytes: given['span-bytes'],
    durationMs: ms(given.duration),
    drainWithinMs: ms(given['drain-within']),
    senderRetryMs: ms(given['sender-retry']),
    senderTimeoutMs: ms(given['sender-timeout']),
    failoverWithinMs: ms(given['failover-within']),
    recoverWithinMs: ms(given['recover-within']),
    maxLost: given['max-lost'],
    seed: given.seed,
    runs: given.runs,
  }
}

interface Experiment {
  readonly title?: string
  readonly config?: string | readonly string[]
  readonly configuration?: {
    readonly traffic?: string | number
    readonly 'spans-per-request'?: number
    readonly 'span-bytes'?: number
    readonly duration?: string
    readonly 'drain-within'?: string
    readonly 'sender-retry'?: string
    readonly 'sender-timeout'?: string
    readonly 'failover-within'?: string
    readonly 'recover-within'?: string
    readonly 'max-lost'?: number
    readonly seed?: number
    readonly runs?: number
  }
  readonly 'steady-state-hypothesis'?: { readonly probes: readonly ProbeEntry[] }
  readonly method: readonly ActionEntry[]
}

interface ProbeEntry {
  readonly measure: string
  readonly tolerance: string | number | readonly (string | number)[]
}

interface ActionEntry {
  readonly fault: Action
  readonly target: string
  readonly at?: string
  readonly until?: string
  readonly for?: string
  readonly status?: number
  readonly latency?: string
  readonly share?: string
  readonly file?: string
  readonly down?: string
  readonly up?: string
}

/** What an action needs besides its target. */
const NEEDS: Readonly<Record<Action, readonly (keyof ActionEntry)[]>> = {
  stop: [],
  kill: [],
  pause: [],
  restart: [],
  partition: [],
  loss: ['share'],
  'partial-success': ['share'],
  reset: [],
  'disk-full': [],
  config: ['file'],
  latency: ['latency'],
  reject: ['status'],
  flap: ['down', 'up'],
  crash: [],
}

function faultOf(entry: ActionEntry, place: At): WishedFault {
  const { fault: action, target: who, status } = entry
  const said = `${where(place)}: ${action} ${who}`
  const missing = NEEDS[action].find(key => entry[key] === undefined)
  if (missing) throw new FailoverctlError('bad-experiment', `${said} has no \`${missing}\``, HINT)
  if (entry.until !== undefined && entry.for !== undefined)
    throw new FailoverctlError('bad-experiment', `${said} has both \`until\` and \`for\``, 'One of them says when it ends.')
  const atMs = ms(entry.at)
  const until = entry.until === 'end' ? Number.POSITIVE_INFINITY : ms(entry.until)
  if (entry.until !== undefined && until === undefined)
    throw new FailoverctlError(
      'bad-experiment',
      `${said}: until ${entry.until} is no duration`,
      'Write a duration such as 10m, or end.',
    )
  const lasts = ms(entry.for)
  const isRestart = action === 'crash' || action === 'restart'
  return {
    action,
    who,
    said,
    status,
    atMs,
    untilMs: isRestart ? undefined : (until ?? (lasts === undefined ? undefined : (atMs ?? 60_000) + lasts)),
    latencyMs: ms(entry.latency),
    share: entry.share === undefined ? undefined : Number.parseFloat(entry.share) / 100,
    file: entry.file === undefined ? undefined : beside(place.file, entry.file),
    downMs: isRestart ? lasts : ms(entry.down),
    upMs: ms(entry.up),
  }
}

/** A tolerance as assertions say it: 0 is `== 0`, [1, 5] is `>= 1 and <= 5`. */
function claimsOf({ measure, tolerance }: ProbeEntry, place: At): Wish['claims'] {
  const texts = Array.isArray(tolerance)
    ? [`${measure} >= ${tolerance[0]} and ${measure} <= ${tolerance[1]}`]
    : [/^\s*[<>=!]/.test(String(tolerance)) ? `${measure} ${tolerance}` : `${measure} == ${tolerance}`]
  return texts.map(text => {
    try {
      parseClaim(text)
    } catch (error) {
      if (!(error instanceof FailoverctlError)) throw error
      throw new FailoverctlError(
        'bad-experiment',
        `${where(place)}: ${error.message.replace(/^--assert /, '')}`,
        error.hint,
        error,
      )
    }
    return { text, at: place }
  })
}

const HINT = 'schemas/experiment.schema.json says what an experiment may hold.'

function refused(file: string, root: Value): FailoverctlError {
  const [first] = root.kind === 'map' ? schemaNotes(root, isExperiment.errors ?? []) : []
  return new FailoverctlError('bad-experiment', first ? `${where(first.at)}: ${first.message}` : `${file}: expected a map`, HINT)
}

const where = ({ file, line, column }: At) => `${file}:${line}:${column}`

function at(value: Value | undefined, key: string, index: number): At {
  const list = lookup(value, key)
  return ((list?.kind === 'list' && list.items[index]) || value || list)?.at as At
}

const ms = (text: string | undefined) => (text === undefined ? undefined : parseDuration(text))
