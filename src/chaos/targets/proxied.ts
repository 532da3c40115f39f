import type { Component } from '../../collector/graph.ts'
import { asText } from '../../collector/settings.ts'
import { FailoverctlError } from '../../core/errors.ts'
import type { Address, Host } from '../../core/host.ts'
import { type BackendPlan, wireOf } from '../../outage/backends.ts'
import { lookup } from '../../source/value.ts'
import { behaviourOf } from '../behaviours.ts'
import type { PlannedFault } from '../experiment.ts'
import { BYTE_DEEDS, ByteProxy } from '../fault-proxy/byte-proxy.ts'
import { FaultProxy } from '../fault-proxy/fault-proxy.ts'
import type { Deed } from '../target.ts'
import type { ProxySettings } from './process-settings.ts'

/** A proxy before a backend, and what it can make of the traffic. */
export interface Proxied {
  readonly can: readonly Deed[]
  /** Why it can do no more. */
  readonly limit: string
  do(deed: Deed, fault: PlannedFault): Promise<void>
  /** Passes everything on again. */
  behave(): Promise<void>
  close(): Promise<void>
}

/** Opens the proxy between the exporters and a backend. Throws `wrong-use` where they send somewhere else. */
export async function proxyBefore(plan: BackendPlan, { listen, upstream }: ProxySettings, host: Host): Promise<Proxied> {
  const first = plan.exporters[0] as Component
  const wire = wireOf(first)
  const isOtlp = wire === 'http' || wire === 'grpc'
  if (isOtlp) checkEndpoint(plan, first, listen, upstream)
  const isSecure = plan.endpoint?.scheme === 'https' || (wire === 'grpc' && !isPlain(first))
  if (!isOtlp || isSecure) {
    const bytes = new ByteProxy(listen, upstream, host.network)
    await bytes.open()
    const why = isOtlp ? 'is over TLS' : 'is not OTLP'
    const limit = `the proxy before it only passes bytes on, because what ${first.id} sends ${why}`
    return {
      can: BYTE_DEEDS,
      limit,
      do: (deed, fault) => bytes.do(deed, fault),
      behave: () => bytes.behave(),
      close: () => bytes.close(),
    }
  }
  const proxy = new FaultProxy({ wire, listen, upstream, seed: 0 }, host)
  await proxy.open()
  return {
    can: OTLP_DEEDS,
    limit: '',
    do: (deed, fault) => proxy.become(behaviourOf(deed, fault)),
    behave: () => proxy.become(),
    close: () => proxy.close(),
  }
}

const OTLP_DEEDS: readonly Deed[] = ['reject', 'partial-success', 'reset', 'partition', 'latency']

function checkEndpoint({ name, endpoint }: BackendPlan, { id }: Component, listen: Address, upstream: Address): void {
  if (endpoint?.port === listen.port) return
  const where = endpoint ? `${endpoint.host}:${endpoint.port}` : 'an address that cannot be read'
  throw new FailoverctlError(
    'wrong-use',
    `${id} sends to ${where}, and the proxy before ${name} listens on ${listen.host}:${listen.port}`,
    `Let the exporter send to the proxy, which passes everything on to ${upstream.host}:${upstream.port}.`,
  )
}

/** gRPC is over TLS unless the config says `insecure`, or the address begins with http:// (configgrpc). */
const isPlain = ({ settings }: Component): boolean =>
  asText(lookup(settings, 'tls', 'insecure')) === 'true' || /^http:/.test(asText(lookup(settings, 'endpoint')) ?? '')
