import { parseDuration } from '../core/duration.ts'
import { FailoverctlError } from '../core/errors.ts'
import type { Action, WishedFault } from './wish.ts'

/** How each action's value is written, and what it means. */
const VALUES: Readonly<Record<Action, { readonly example: string; read(value: string): Partial<WishedFault> | undefined }>> = {
  stop: { example: 'primary=60s..10m', read: windowOf },
  kill: { example: 'primary=60s..10m', read: windowOf },
  pause: { example: 'primary=60s..10m', read: windowOf },
  restart: { example: 'primary@60s', read: crashOf },
  partition: { example: 'primary=60s..10m', read: windowOf },
  loss: { example: 'primary=30%@60s..10m', read: before => withWindow(before, text => some('share', shareOf(text))) },
  'partial-success': {
    example: 'primary=30%@60s..10m',
    read: before => withWindow(before, text => some('share', shareOf(text))),
  },
  reset: { example: 'primary=60s..10m', read: windowOf },
  config: {
    example: 'collector=other.yaml@60s..10m',
    read: before => withWindow(before, text => (text ? { file: text } : undefined)),
  },
  'disk-full': { example: 'backup=60s..10m', read: windowOf },
  latency: { example: 'primary=200ms@60s..10m', read: before => withWindow(before, text => some('latencyMs', duration(text))) },
  reject: { example: 'primary=429@60s..10m', read: before => withWindow(before, text => some('status', statusOf(text))) },
  flap: { example: 'primary=30s/30s@60s..10m', read: before => withWindow(before, flapOf) },
  crash: { example: 'collector@5m', read: crashOf },
  'node-loss': { example: 'collector=60s..10m', read: windowOf },
}

/** `primary=60s..10m`, `primary=200ms@60s..10m`, `collector@5m+30s`. Throws `wrong-use` with an example. */
export function readFault(action: Action, text: string, flag: string): WishedFault {
  const said = `${flag} ${text}`
  const separator = action === 'crash' || action === 'restart' ? '@' : '='
  const index = text.indexOf(separator)
  const [who, value] = index < 0 ? [text, ''] : [text.slice(0, index), text.slice(index + 1)]
  const found = VALUES[action].read(value)
  if (who.trim() === '' || !found) throw notUnderstood(said, `Example: ${flag} ${VALUES[action].example}`)
  return { action, who: who.trim(), said, ...found }
}

const notUnderstood = (said: string, hint: string) => new FailoverctlError('wrong-use', `${said} cannot be understood`, hint)

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
