import { httpCheck, type ProbeKind } from './probe.ts'

/** GET of a path; any status below 400 passes. */
export const http: ProbeKind = (endpoint, { path = '/', tls }, { network }, timeoutMs) =>
  httpCheck(network, { method: 'GET', url: new URL(path, endpoint.url).href, timeoutMs, ...(tls ? { tls } : {}) })
