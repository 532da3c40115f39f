import { codeOfStatus } from '../core/answer-status.ts'
import { GRPC, OTLP_METHODS } from '../core/grpc.ts'
import type { GrpcHandler, ServedStatus } from '../core/host.ts'
import { MalformedPayload } from '../otlp/contents.ts'
import type { Signal } from '../otlp/signal.ts'
import type { Answer, Arrival } from './arrival.ts'
import { partialProtobuf } from './partial-success.ts'

const SIGNALS_BY_METHOD = new Map<string, Signal>(
  Object.entries(OTLP_METHODS).map(([signal, method]) => [method, signal as Signal]),
)

/** OTLP over gRPC as a collector's otlp receiver serves it: `undefined` from `take` means that no pipeline has this signal. */
export const otlpService =
  (take: (arrival: Arrival) => Promise<Answer> | undefined): GrpcHandler =>
  async ({ path, body, abandoned }) => {
    const signal = SIGNALS_BY_METHOD.get(path)
    if (!signal) return unknownService(path)
    try {
      const taken = take({ signal, encoding: 'protobuf', body, abandoned })
      return taken ? statusOf(await taken) : unknownService(path)
    } catch (error) {
      // grpc-go's words for a message that cannot be read begin so, with INTERNAL (core 0.161, measured).
      if (error instanceof MalformedPayload) {
        return { code: GRPC.INTERNAL, message: `grpc: error unmarshalling request: ${error.message}` }
      }
      throw error
    }
  }

const unknownService = (path: string): ServedStatus => ({
  code: GRPC.UNIMPLEMENTED,
  message: `unknown service ${path.split('/')[1]}`,
})

function statusOf(answer: Answer): ServedStatus {
  const { status, message = '', code = codeOfStatus(status), retryAfterMs, reset = false } = answer
  if (code === GRPC.OK) return { code, body: partialProtobuf(answer), reset }
  return { code, message, reset, ...(retryAfterMs === undefined ? {} : { retryDelayMs: retryAfterMs }) }
}
