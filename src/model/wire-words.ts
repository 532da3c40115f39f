import { codeOfStatus, statusOfCode } from '../core/answer-status.ts'
import { GRPC, grpcCodeName, isRetryable } from '../core/grpc.ts'
import type { Failure } from './node.ts'

/**
 * How a request to a backend fails, in the words of the exporter that sends it (core 0.161 otlpexporter and otlphttpexporter):
 * `condition.error.contains` of the failover connector looks for them.
 */
export interface WireWords {
  /** Nothing listens there. */
  readonly refused: Failure
  /** No answer within the exporter's `timeout`. */
  readonly timedOut: Failure
  /** The connection broke after the request was sent. */
  readonly closed: Failure
  /** An answer with an HTTP status, or over gRPC with the code that stands for it. */
  status(status: number, retryAfterMs?: number): Failure
  /** An answer with a gRPC code. */
  code(code: number, message: string, retryAfterMs?: number): Failure
}

export function wireWords(wire: 'grpc' | 'http', url: string): WireWords {
  const isGrpc = wire === 'grpc'
  const posting = `failed to make an HTTP request: Post "${url}"`
  const dialing = `dial tcp ${new URL(url).host}: connect: connection refused`
  const refused = isGrpc
    ? rpcError(GRPC.UNAVAILABLE, `connection error: desc = "transport: Error while dialing: ${dialing}"`)
    : `${posting}: ${dialing}`
  return {
    refused: { ...failure(refused, false), notSent: true },
    timedOut: isGrpc
      ? { ...failure(rpcError(GRPC.DEADLINE_EXCEEDED, 'context deadline exceeded'), false), code: GRPC.DEADLINE_EXCEEDED }
      : failure(`${posting}: context deadline exceeded`, false),
    closed: failure(isGrpc ? rpcError(GRPC.UNAVAILABLE, 'error reading from server: EOF') : `${posting}: EOF`, false),
    code: answeredCode,
    status(status, retryAfterMs) {
      if (isGrpc) return answeredCode(codeOfStatus(status), `HTTP status ${status}`, retryAfterMs)
      const isFinal = !RETRYABLE.has(status)
      return {
        ...failure(`error exporting items, request to ${url} responded with HTTP Status Code ${status}`, isFinal),
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
        ...(isFinal ? { status: passedOn(status) } : status === 429 ? { status } : {}),
      }
    },
  }
}

/** What the otlp exporter makes of a code (core 0.161 otlpexporter/otlp.go); its collector's receiver passes the code on. */
function answeredCode(code: number, message: string, retryAfterMs?: number): Failure {
  const isFinal = !isRetryable(code, retryAfterMs)
  return {
    ...failure(rpcError(code, message), isFinal),
    code,
    ...(retryAfterMs === undefined || isFinal ? {} : { retryAfterMs }),
    ...(isFinal || code === GRPC.RESOURCE_EXHAUSTED ? { status: statusOfCode(code) } : {}),
  }
}

const rpcError = (code: number, text: string) => `rpc error: code = ${goName(code)} desc = ${text}`

/** Go spells RESOURCE_EXHAUSTED as ResourceExhausted. */
const goName = (code: number): string =>
  code === GRPC.CANCELLED
    ? 'Canceled'
    : grpcCodeName(code).replace(/([A-Z])([A-Z]*)_?/g, (_, first: string, rest: string) => first + rest.toLowerCase())

/** Of the OTLP specification: these may be sent again, all other errors are final. */
const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504])

/** The status that a sender sees when its collector's backend answered with a final one (core 0.161, measured with otlphttp). */
const passedOn = (status: number) => ([400, 401, 403, 404].includes(status) ? status : 500)

const failure = (error: string, permanent: boolean): Failure => ({ ok: false, error, permanent })
