import { GRPC } from './grpc.ts'

/** consumererror/internal/statusconversion/conversion.go of core 0.161; any other status is UNKNOWN. */
const CODES = new Map<number, number>([
  [400, GRPC.INVALID_ARGUMENT],
  [401, GRPC.UNAUTHENTICATED],
  [403, GRPC.PERMISSION_DENIED],
  [404, GRPC.UNIMPLEMENTED],
  [429, GRPC.RESOURCE_EXHAUSTED],
  [502, GRPC.UNAVAILABLE],
  [503, GRPC.UNAVAILABLE],
  [504, GRPC.UNAVAILABLE],
])

/** The gRPC code that a collector makes of an HTTP status. */
export const codeOfStatus = (status: number): number => (status < 300 ? GRPC.OK : (CODES.get(status) ?? GRPC.UNKNOWN))

/** otlpreceiver/internal/errors/errors.go of core 0.161; any other code is 500. */
const STATUSES = new Map<number, number>([
  [GRPC.OK, 200],
  [GRPC.CANCELLED, 503],
  [GRPC.DEADLINE_EXCEEDED, 503],
  [GRPC.ABORTED, 503],
  [GRPC.OUT_OF_RANGE, 503],
  [GRPC.UNAVAILABLE, 503],
  [GRPC.DATA_LOSS, 503],
  [GRPC.RESOURCE_EXHAUSTED, 429],
  [GRPC.INVALID_ARGUMENT, 400],
  [GRPC.UNAUTHENTICATED, 401],
  [GRPC.PERMISSION_DENIED, 403],
  [GRPC.UNIMPLEMENTED, 404],
])

/** The HTTP status that a collector's receiver makes of a gRPC code. */
export const statusOfCode = (code: number): number => STATUSES.get(code) ?? 500
