type Headers = Readonly<Record<string, string | readonly string[] | undefined>>

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

/** What goes on to the other side. */
export function passedOn(headers: Headers): Record<string, string | readonly string[]> {
  const named = headers.connection
  const also = typeof named === 'string' && named !== 'keep-alive' ? named.toLowerCase().split(/\s*,\s*/) : []
  const passed: Record<string, string | readonly string[]> = {}
  for (const name in headers) {
    const value = headers[name]
    if (value !== undefined && !HOP_BY_HOP.has(name) && !also.includes(name)) passed[name] = value
  }
  return passed
}

/** To an endpoint: its own name as host, and the one that was asked for beside it. */
export function forwarded(headers: Headers): Record<string, string | readonly string[]> {
  const { host, ...passed } = passedOn(headers)
  const via = typeof passed.via === 'string' ? `${passed.via}, 1.1 failoverctl` : '1.1 failoverctl'
  return { ...passed, via, ...(host === undefined ? {} : { 'x-forwarded-host': host }) }
}

export const textOf = (value: string | readonly string[] | undefined): string | undefined =>
  typeof value === 'string' ? value : value?.[0]
