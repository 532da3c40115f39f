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
}

export function wireWords(wire: 'grpc' | 'http', url: string): WireWords {
  const isGrpc = wire === 'grpc'
  const posting = `failed to make an HTTP request: Post "${url}"`
  const dialing = `dial tcp ${new URL(url).host}: connect: connection refused`
  const code = (name: string, text: string) => `rpc error: code = ${name} desc = ${text}`
  const refused = isGrpc
    ? code('Unavailable', `connection error: desc = "transport: Error while dialing: ${dialing}"`)
    : `${posting}: ${dialing}`
  return {
    refused: { ...failure(refused, false), notSent: true },
    timedOut: failure(
      isGrpc ? code('DeadlineExceeded', 'context deadline exceeded') : `${posting}: context deadline exceeded`,
      false,
    ),
    closed: failure(isGrpc ? code('Unavailable', 'error reading from server: EOF') : `${posting}: EOF`, false),
    status(status, retryAfterMs) {
      const error = isGrpc
        ? code(GRPC_CODES.get(status) ?? 'Unknown', `HTTP status ${status}`)
        : `error exporting items, request to ${url} responded with HTTP Status Code ${status}`
      const isFinal = !RETRYABLE.has(status)
      return {
        ...failure(error, isFinal),
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
        ...(isFinal ? { status: passedOn(status) } : status === 429 ? { status } : {}),
      }
    },
  }
}

/** Of the OTLP specification: these may be sent again, all other errors are final. */
const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504])

/** The status that a sender sees when its collector's backend answered with a final one (core 0.161, measured with otlphttp). */
const passedOn = (status: number) => ([400, 401, 403, 404].includes(status) ? status : 500)

const failure = (error: string, permanent: boolean): Failure => ({ ok: false, error, permanent })

/** The gRPC code that stands for an HTTP status (gRPC's http-grpc-status-mapping.md). */
const GRPC_CODES: ReadonlyMap<number, string> = new Map([
  [400, 'InvalidArgument'],
  [401, 'Unauthenticated'],
  [403, 'PermissionDenied'],
  [404, 'Unimplemented'],
  [429, 'Unavailable'],
  [502, 'Unavailable'],
  [503, 'Unavailable'],
  [504, 'Unavailable'],
])
