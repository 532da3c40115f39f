import type { HttpRequest, Network, Tls } from '../../core/host.ts'
import type { Signal } from '../../otlp/signal.ts'
import type { CheckResult } from '../check-loop.ts'
import type { Endpoint } from '../endpoint.ts'

export interface ProbeSettings {
  readonly kind: 'tcp' | 'http' | 'otlp' | 'collector'
  /** For `http` and `collector`; `/`. */
  readonly path?: string
  /** For `collector`; 13133. */
  readonly port?: number
  /** For `otlp`. */
  readonly protocol?: 'http' | 'grpc'
  readonly signal?: Signal
  readonly tls?: Tls
}

export interface ProbeWorld {
  readonly network: Pick<Network, 'request' | 'call' | 'connect'>
}

export type ProbeKind = (
  endpoint: Endpoint,
  settings: Omit<ProbeSettings, 'kind'>,
  world: ProbeWorld,
  timeoutMs: number,
) => Promise<CheckResult>

export async function httpCheck(network: ProbeWorld['network'], request: HttpRequest): Promise<CheckResult> {
  const reply = await network.request(request)
  if (reply.kind !== 'answer') return { passed: false, reason: reply.reason }
  return { passed: reply.status < 400, reason: `HTTP status ${reply.status}` }
}
