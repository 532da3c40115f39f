import type { ForwardedNames, Trust } from './trust.ts'

type Values = string | readonly string[]
type Headers = Readonly<Record<string, Values | undefined>>

/** RFC 9110, 7.6.1: meant for one connection only; and what the next hop makes anew. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
])

/** What goes on to the other side, without one that the caller sees to. To take it away afterwards would make the object a slow one. */
export function passedOn(headers: Headers, without?: string): Record<string, Values> {
  const named = headers.connection
  const also = typeof named === 'string' && named !== 'keep-alive' ? named.toLowerCase().split(/\s*,\s*/) : undefined
  const passed: Record<string, Values> = {}
  for (const name in headers) {
    const value = headers[name]
    if (value !== undefined && name !== without && !HOP_BY_HOP.has(name) && !also?.includes(name)) passed[name] = value
  }
  return passed
}

/** Who asked, as far as the connection tells. */
export interface Asker {
  /** The address at the other end; undefined when it has gone already. */
  readonly peer: string | undefined
  /** Whether it spoke TLS. */
  readonly secure: boolean
}

/** To an endpoint: its own name as host, and beside it who asked for what, in the words of `names`. */
export function forwarded(headers: Headers, asker: Asker, names: ForwardedNames, trust: Trust): Record<string, Values> {
  const passed = passedOn(headers, 'host')
  passed.via = passed.via === undefined ? '1.1 failoverctl' : `${listed(passed.via)}, 1.1 failoverctl`
  return told(passed, textOf(headers.host), asker, names, trust)
}

/** Says who asked, in `headers` themselves. What a peer says that is not trusted is as good as made up, and goes nowhere. */
export function told(
  headers: Record<string, Values>,
  host: string | undefined,
  { peer = 'unknown', secure }: Asker,
  names: ForwardedNames,
  trust: Trust,
): Record<string, Values> {
  const believed = FORWARDED.some(name => headers[name] !== undefined) && trust(peer)
  const before: Record<string, string> = {}
  for (const name of FORWARDED) {
    if (headers[name] === undefined) continue
    if (believed) before[name] = listed(headers[name])
    delete headers[name]
  }
  const proto = secure ? 'https' : 'http'
  if (names === 'x-forwarded') {
    headers['x-forwarded-for'] = appended(before['x-forwarded-for'], peer)
    // The first proxy knows what the client spoke and asked for; those behind it see one another.
    headers['x-forwarded-proto'] = before['x-forwarded-proto'] ?? proto
    const asked = before['x-forwarded-host'] ?? host
    if (asked !== undefined) headers['x-forwarded-host'] = asked
  } else if (names === 'rfc7239') {
    const asked = host === undefined ? '' : `;host=${quoted(host)}`
    headers.forwarded = appended(before.forwarded, `for=${node(peer)}${asked};proto=${proto}`)
  }
  return headers
}

const FORWARDED = ['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'forwarded'] as const

const appended = (before: string | undefined, one: string) => (before ? `${before}, ${one}` : one)

/** RFC 7239, 4 and 6: an IPv6 address stands in brackets and quotes, anything that is no token in quotes. */
const node = (peer: string) => (peer.includes(':') ? `"[${peer}]"` : peer)
const quoted = (text: string) => (/^[\w.!#$%&'*+^`|~-]+$/.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`)

const listed = (value: Values): string => (typeof value === 'string' ? value : value.join(', '))

export const textOf = (value: Values | undefined): string | undefined => (typeof value === 'string' ? value : value?.[0])
