/** The method of each OTLP signal (opentelemetry-proto, `collector/<signal>/v1/*_service.proto`). */
export const OTLP_METHODS = {
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
} as const

/** google.rpc.Code. */
export const GRPC = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const

/** The codes after which OTLP over gRPC allows to send again; RESOURCE_EXHAUSTED only when the server says when. */
const RETRYABLE: ReadonlySet<number> = new Set([
  GRPC.CANCELLED,
  GRPC.DEADLINE_EXCEEDED,
  GRPC.ABORTED,
  GRPC.OUT_OF_RANGE,
  GRPC.UNAVAILABLE,
  GRPC.DATA_LOSS,
])

export const isRetryable = (code: number, retryDelayMs: number | undefined): boolean =>
  RETRYABLE.has(code) || (code === GRPC.RESOURCE_EXHAUSTED && retryDelayMs !== undefined)

const NAMES = new Map<number, string>(Object.entries(GRPC).map(([name, code]) => [code, name]))

/** `UNAVAILABLE`; a code that gRPC does not have is `code 99`. */
export const grpcCodeName = (code: number): string => NAMES.get(code) ?? `code ${code}`
