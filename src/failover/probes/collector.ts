import { httpCheck, type ProbeKind } from './probe.ts'

/** The collector's health_check extension: 200 when it is well (extension/healthcheckextension, port 13133 and path / by default). */
export const collector: ProbeKind = (endpoint, { path = '/', port = 13133, tls }, { network }, timeoutMs) => {
  const url = new URL(path, endpoint.url)
  url.port = String(port)
  return httpCheck(network, { method: 'GET', url: url.href, timeoutMs, ...(tls ? { tls } : {}) })
}
