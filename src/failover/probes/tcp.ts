import type { ProbeKind } from './probe.ts'

/** Whether a connection can be opened. */
export const tcp: ProbeKind = async ({ url }, _, { network }, timeoutMs) => {
  const { hostname, port, protocol } = new URL(url)
  const host = hostname.replace(/^\[|\]$/g, '')
  const result = await network.connect({ host, port: Number(port) || (protocol === 'https:' ? 443 : 80) }, timeoutMs)
  return result.kind === 'open' ? { passed: true, reason: 'connected' } : { passed: false, reason: result.reason }
}
