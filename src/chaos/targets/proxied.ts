import type { Component } from '../../collector/graph.ts'
import { asText } from '../../collector/settings.ts'
import { FailoverctlError } from '../../core/errors.ts'
import type { Host } from '../../core/host.ts'
import { type BackendPlan, wireOf } from '../../outage/backends.ts'
import { lookup } from '../../source/value.ts'
import { FaultProxy } from '../fault-proxy/fault-proxy.ts'
import type { Deed } from '../target.ts'
import type { ProxySettings } from './process-settings.ts'

/** What the proxy in between does, rather than a tool on the machine. */
export const PROXIED_DEEDS: readonly Deed[] = ['reject', 'partial-success', 'reset', 'partition', 'latency']

/** Opens the proxy between the exporters and a backend. Throws `wrong-use` where they send somewhere else. */
export async function proxyBefore({ name, exporters, endpoint }: BackendPlan, { listen, upstream }: ProxySettings, host: Host) {
  const first = exporters[0] as Component
  if (endpoint?.port !== listen.port) {
    const where = endpoint ? `${endpoint.host}:${endpoint.port}` : 'an address that cannot be read'
    throw new FailoverctlError(
      'wrong-use',
      `${first.id} sends to ${where}, and the proxy before ${name} listens on ${listen.host}:${listen.port}`,
      `Let the exporter send to the proxy, which passes everything on to ${upstream.host}:${upstream.port}.`,
    )
  }
  const wire = wireOf(first)
  if (wire !== 'http' && wire !== 'grpc') {
    throw new FailoverctlError('wrong-use', `the proxy before ${name} speaks OTLP, and ${first.id} does not`)
  }
  if (endpoint.scheme === 'https' || (wire === 'grpc' && !isPlain(first))) {
    const hint = 'Let it send to the proxy without TLS; both are on this machine.'
    throw new FailoverctlError('wrong-use', `the proxy before ${name} speaks no TLS, and ${first.id} does`, hint)
  }
  const proxy = new FaultProxy({ wire, listen, upstream, seed: 0 }, host)
  await proxy.open()
  return proxy
}

/** gRPC is over TLS unless the config says `insecure`, or the address begins with http:// (configgrpc). */
const isPlain = ({ settings }: Component): boolean =>
  asText(lookup(settings, 'tls', 'insecure')) === 'true' || /^http:/.test(asText(lookup(settings, 'endpoint')) ?? '')
