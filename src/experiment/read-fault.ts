import { parseDuration } from '../core/duration.ts'
import { FailoverctlError } from '../core/errors.ts'
import type { Action, WishedFault } from './wish.ts'

interface Value {
  /** What is expected, for a person who has written something else. */
  readonly expected: string
  readonly example: string
  read(value: string): Partial<WishedFault> | undefined
}

const WINDOW = 'its name alone, or with a window in units of time'
const SHARE = 'a share from 1% to 100%'
const window = (example: string): Value => ({ expected: WINDOW, example, read: windowOf })
const timed = (expected: string, example: string, read: (text: string) => Partial<WishedFault> | undefined): Value => ({
  expected,
  example: `${example}, or in a window: ${example}@60s..10m`,
  read: text => withWindow(text, read),
})

/** How each action's value is written, and what it means. */
const VALUES: Readonly<Record<Action, Value>> = {
  stop: window('primary=60s..10m'),
  kill: window('primary=60s..10m'),
  pause: window('primary=60s..10m'),
  restart: { expected: 'a moment with its unit', example: 'primary@60s', read: crashOf },
  partition: window('primary=60s..10m'),
  loss: timed(SHARE, 'primary=30%', text => some('share', shareOf(text))),
  'partial-success': timed(SHARE, 'primary=30%', text => some('share', shareOf(text))),
  reset: window('primary=60s..10m'),
  config: timed('a file', 'collector=other.yaml', text => (text ? { file: text } : undefined)),
  'disk-full': window('backup=60s..10m'),
  latency: timed('a time with its unit', 'primary=200ms', text => some('latencyMs', duration(text))),
  reject: timed('a status from 400 to 599', 'primary=429', text => some('status', statusOf(text))),
  flap: timed('the times down and up, with their units', 'primary=30s/30s', flapOf),
  crash: { expected: 'a moment with its unit', example: 'collector@5m', read: crashOf },
  'node-loss': window('collector=60s..10m'),
}

/** `primary=60s..10m`, `primary=200ms@60s..10m`, `collector@5m+30s`. Throws `wrong-use` with an example. */
export function readFault(action: Action, text: string, flag: string): WishedFault {
  const said = `${flag} ${text}`
  const separator = action === 'crash' || action === 'restart' ? '@' : '='
  const index = text.indexOf(separator)
  const [who, value] = index < 0 ? [text, ''] : [text.slice(0, index), text.slice(index + 1)]
  const found = VALUES[action].read(value)
  if (who.trim() === '' || !found) throw notUnderstood(said, VALUES[action], flag)
  return { action, who: who.trim(), said, ...found }
}

const notUnderstood = (said: string, { expected, example }: Value, flag: string) =>
  new FailoverctlError('wrong-use', `${said} cannot be understood: expected ${expected}`, `Example: ${flag} ${example}`)

/** `60s..10m`, `60s..` to the end, `..10m`; empty is the window that is used when none is given. */
function windowOf(text: string): Partial<WishedFault> | undefined {
  if (text === '') return {}
  const [, from, to] = /^(.*?)\.\.(.*)$/.exec(text) ?? []
  if (from === undefined || to === undefined) return undefined
  const atMs = from === '' ? 0 : duration(from)
  const untilMs = to === '' ? Number.POSITIVE_INFINITY : duration(to)
  return atMs === undefined || untilMs === undefined ? undefined : { atMs, untilMs }
}

function withWindow(text: string, read: (value: string) => Partial<WishedFault> | undefined): Partial<WishedFault> | undefined {
  const [value = '', window = '', ...more] = text.split('@')
  const [found, when] = [read(value), windowOf(window)]
  return found && when && more.length === 0 ? { ...found, ...when } : undefined
}

/** `30s/30s`: down, then up, again and again. */
function flapOf(text: string): Partial<WishedFault> | undefined {
  const [down = '', up = '', ...more] = text.split('/')
  const [downMs, upMs] = [duration(down), duration(up)]
  return downMs === undefined || upMs === undefined || more.length > 0 ? undefined : { downMs, upMs }
}

/** `5m`, or `5m+30s` where it stays down for longer than a restart takes. */
function crashOf(text: string): Partial<WishedFault> | undefined {
  if (text === '') return {}
  const [at = '', down, ...more] = text.split('+')
  const atMs = duration(at)
  const downMs = down === undefined ? undefined : duration(down)
  if (atMs === undefined || more.length > 0 || (down !== undefined && downMs === undefined)) return undefined
  return downMs === undefined ? { atMs } : { atMs, downMs }
}

const statusOf = (text: string) => (/^[45]\d\d$/.test(text) ? Number(text) : undefined)
const shareOf = (text: string) => {
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(text)?.[1]
  return percent !== undefined && Number(percent) > 0 && Number(percent) <= 100 ? Number(percent) / 100 : undefined
}
const duration = (text: string) => parseDuration(text.trim())
const some = <K extends string>(key: K, value: number | undefined) =>
  value === undefined ? undefined : ({ [key]: value } as Record<K, number>)
