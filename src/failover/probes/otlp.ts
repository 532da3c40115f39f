import { GRPC, grpcCodeName, OTLP_METHODS } from '../../core/grpc.ts'
import { CONTENT_TYPES, SIGNALS } from '../../otlp/signal.ts'
import { httpCheck, type ProbeKind } from './probe.ts'

/** An OTLP request without any data: the whole way to the receiver is tried, and nothing is stored. */
export const otlp: ProbeKind = async (endpoint, { protocol = 'http', signal = 'traces', tls }, { network }, timeoutMs) => {
  const common = { body: new Uint8Array(), timeoutMs, ...(tls ? { tls } : {}) }
  if (protocol === 'grpc') {
    const reply = await network.call({ ...common, url: new URL(endpoint.url).origin, path: OTLP_METHODS[signal] })
    if (reply.kind !== 'answer') return { passed: false, reason: reply.reason }
    return { passed: reply.code === GRPC.OK, reason: `gRPC status ${grpcCodeName(reply.code)}` }
  }
  const url = new URL(SIGNALS[signal], endpoint.url).href
  return httpCheck(network, { ...common, method: 'POST', url, headers: { 'content-type': CONTENT_TYPES.protobuf } })
}
