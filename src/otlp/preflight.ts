import { FailoverctlError } from '../core/errors.ts'
import { GRPC } from '../core/grpc.ts'
import type { Host } from '../core/host.ts'
import { deliver } from './deliver.ts'
import { type Destination, redactUrl } from './destination.ts'
import type { Verdict } from './reply.ts'
import { type Encoding, SIGNALS, type Signal } from './signal.ts'

export const encodingFor = ({ protocol }: Destination): Encoding => (protocol === 'http/json' ? 'json' : 'protobuf')

/** An empty request, which OTLP has every server accept: a wrong address should not cost a run. Throws `no-answer`. */
export async function preflight(destination: Destination, signal: Signal, host: Pick<Host, 'network' | 'clock'>): Promise<void> {
  const encoding = encodingFor(destination)
  const body = new TextEncoder().encode(encoding === 'json' ? '{}' : '')
  assertOtlp(await deliver(destination, { signal, encoding, body }, host), destination, signal)
}

/** No such path or method, or not what OTLP is sent as. */
const NOT_OTLP = { http: [404, 405, 415], grpc: [GRPC.UNIMPLEMENTED] as number[] }

/** A server that answers at all is one to send to; only where nobody speaks OTLP there is nothing to send. */
export function assertOtlp(verdict: Verdict, { protocol, url }: Destination, signal: Signal): void {
  if (verdict.kind === 'accepted') return
  const { status } = verdict as { readonly status?: number }
  if (status !== undefined && !NOT_OTLP[protocol === 'grpc' ? 'grpc' : 'http'].includes(status)) return
  const where = status === undefined ? 'OTLP' : `${signal} by OTLP`
  throw new FailoverctlError(
    'no-answer',
    `${redactUrl(url)} does not take ${where}: ${verdict.reason}`,
    `Is a receiver with ${protocol === 'grpc' ? 'OTLP over gRPC (4317)' : `OTLP over HTTP (4318, ${SIGNALS[signal]})`} there? --endpoint and OTEL_EXPORTER_OTLP_ENDPOINT say where to send, --protocol how.`,
  )
}
