import { Items } from './items.ts'
import { joinJson } from './json.ts'
import type { Payload } from './payload.ts'
import { joinProtobuf } from './protobuf.ts'
import { scanJson } from './scan-json.ts'
import { scanProtobuf } from './scan-protobuf.ts'
import type { Encoding, Signal } from './signal.ts'

/** The spans, data points or log records of a request. Throws MalformedPayload when the body is no request of that signal and encoding. */
export function readItems({ signal, encoding, body }: Payload, into = new Items()): Items {
  into.length = 0
  if (encoding === 'json') scanJson(signal, body, into)
  else scanProtobuf(signal, body, into)
  return into
}

/** Several requests of one signal and encoding as one. */
export const joinRequests = (signal: Signal, encoding: Encoding, bodies: readonly Uint8Array[]): Uint8Array =>
  encoding === 'json' ? joinJson(signal, bodies) : joinProtobuf(bodies)
