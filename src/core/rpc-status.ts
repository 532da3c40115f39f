import { wireField, wireFields } from './protobuf-wire.ts'

/**
 * google.rpc.Status, which gRPC carries in the trailer `grpc-status-details-bin` and OTLP over HTTP in the body of an error.
 * Of its details only RetryInfo is read.
 */
export interface RpcStatus {
  readonly code: number
  readonly message: string
  readonly retryDelayMs: number | undefined
}

const RETRY_INFO = 'type.googleapis.com/google.rpc.RetryInfo'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export function encodeRpcStatus({ code, message, retryDelayMs }: RpcStatus): Uint8Array {
  const text = encoder.encode(message)
  const details = retryDelayMs === undefined ? [] : wireField(3, Uint8Array.from(retryInfo(retryDelayMs)))
  return Uint8Array.from([...wireField(1, code), ...wireField(2, text), ...details])
}

// Any: type_url 1, value 2. RetryInfo: retry_delay 1. Duration: seconds 1, nanos 2.
function retryInfo(delayMs: number): number[] {
  const seconds = Math.floor(delayMs / 1000)
  const duration = [...wireField(1, seconds), ...wireField(2, Math.round((delayMs - seconds * 1000) * 1_000_000))]
  const info = duration.length === 0 ? [10, 0] : wireField(1, Uint8Array.from(duration))
  return [...wireField(1, encoder.encode(RETRY_INFO)), ...wireField(2, Uint8Array.from(info))]
}

/** What can be read of it; a body that is something else gives code 0 and no message. */
export function decodeRpcStatus(bytes: Uint8Array): RpcStatus {
  let [code, message, retryDelayMs] = [0, '', undefined as number | undefined]
  for (const { number, value } of wireFields(bytes)) {
    if (number === 1 && typeof value === 'number') code = value
    if (number === 2 && typeof value !== 'number') message = decoder.decode(value)
    if (number === 3 && typeof value !== 'number') retryDelayMs ??= retryDelayOf(value)
  }
  return { code, message, retryDelayMs }
}

function retryDelayOf(any: Uint8Array): number | undefined {
  const parts = new Map(Array.from(wireFields(any), ({ number, value }) => [number, value]))
  const type = parts.get(1)
  if (typeof type !== 'object' || decoder.decode(type) !== RETRY_INFO) return undefined
  const info = parts.get(2)
  let ms = 0
  for (const { number, value: duration } of wireFields(typeof info === 'object' ? info : new Uint8Array())) {
    if (number !== 1 || typeof duration === 'number') continue
    for (const { number: unit, value } of wireFields(duration)) {
      if (typeof value === 'number') ms += unit === 1 ? value * 1000 : value / 1_000_000
    }
  }
  return ms
}
