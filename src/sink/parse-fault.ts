import { parseDuration } from '../core/duration.ts'
import { FailoverctlError } from '../core/errors.ts'
import { nearest } from '../core/nearest.ts'
import type { Behaviour } from './faults/fault.ts'
import { FAULTS } from './faults/index.ts'
import { shareOf } from './faults/read-setting.ts'
import { ALWAYS, type When } from './schedule.ts'

/** A fault as a person asked for it. */
export interface Fault {
  /** As it was written. */
  readonly text: string
  readonly kind: string
  readonly behaviour: Behaviour
  /** The share of requests that it meets, 0 to 1. */
  readonly chance: number
  readonly when: When
}

/**
 * Reads `kind[=value][,option=value…][:chance][@when]`: `status=503,retry-after=2s:10%@10s..20s`, `hang@30s..`, `refuse@5s/5s`
 * (5 s well, 5 s ill, and so on). Throws `wrong-use`.
 */
export function parseFault(text: string): Fault {
  const [, settings = '', chance, when] = /^(.*?)(?::([^:@=,]*%))?(?:@([^@]*))?$/s.exec(text) ?? []
  const [first = '', ...rest] = settings.split(',')
  const [kind, value] = pair(first)
  const known = FAULTS.find(each => each.kind === kind)
  if (!known) throw unknownKind(kind)
  const options = new Map(rest.map(pair))
  const behaviour = known.read(value, {
    take(name) {
      const found = options.get(name)
      options.delete(name)
      return found
    },
  })
  for (const name of options.keys()) {
    throw new FailoverctlError('wrong-use', `the fault ${kind} has no ${name}`, `It is written ${known.usage}.`)
  }
  return {
    text,
    kind,
    behaviour,
    chance: chance === undefined ? 1 : parseChance(chance),
    when: when === undefined ? ALWAYS : parseWhen(when),
  }
}

/** `5s/5s`: so long well, then so long ill, and so on. */
export function parseFlap(text: string): When {
  const [off, on] = text.split('/').map(part => parseDuration(part)) as [number?, number?]
  if (off === undefined || on === undefined || off <= 0 || on <= 0 || text.split('/').length !== 2) throw wrongTime(text)
  return { kind: 'flap', offMs: off, onMs: on }
}

function parseWhen(text: string): When {
  if (text.includes('/')) return parseFlap(text)
  const [from = '', until, ...more] = text.split('..')
  const fromMs = from === '' ? 0 : parseDuration(from)
  const untilMs = until === '' ? Number.POSITIVE_INFINITY : parseDuration(until ?? '?')
  if (fromMs === undefined || untilMs === undefined || more.length > 0 || fromMs < 0 || untilMs <= fromMs) throw wrongTime(text)
  return { kind: 'window', fromMs, untilMs }
}

function parseChance(text: string): number {
  const share = shareOf(text)
  if (share === undefined)
    throw new FailoverctlError('wrong-use', `a fault cannot meet ${text} of the requests`, 'Example: status=429:10%')
  return share
}

function pair(text: string): [name: string, value: string | undefined] {
  const at = text.indexOf('=')
  return at < 0 ? [text.trim(), undefined] : [text.slice(0, at).trim(), text.slice(at + 1).trim()]
}

const wrongTime = (text: string): FailoverctlError =>
  new FailoverctlError(
    'wrong-use',
    `a fault cannot last ${text}`,
    'Write from..until (10s..20s), from.. (30s..), or well/ill by turns (5s/5s).',
  )

function unknownKind(kind: string): FailoverctlError {
  const names = FAULTS.map(each => each.kind)
  const guess = nearest(kind, names)
  const hint = `${guess ? `Did you mean ${guess}? ` : ''}The faults are ${names.join(', ')}.`
  return new FailoverctlError('wrong-use', `there is no fault ${kind === '' ? 'without a name' : kind}`, hint)
}
