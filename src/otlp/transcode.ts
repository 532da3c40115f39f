import { REQUESTS } from './messages.ts'
import type { Payload } from './payload.ts'
import type { Encoding } from './signal.ts'
import { protobufToJson } from './transcode/to-json.ts'
import { jsonToProtobuf } from './transcode/to-protobuf.ts'

/** The same request in the encoding wanted. Throws MalformedPayload where it is none of its signal. */
export function transcode(payload: Payload, encoding: Encoding): Payload {
  const { signal, body } = payload
  if (payload.encoding === encoding) return payload
  const convert = encoding === 'protobuf' ? jsonToProtobuf : protobufToJson
  return { signal, encoding, body: convert(REQUESTS[signal], body) }
}
