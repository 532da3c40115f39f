import type { Contents } from './contents.ts'
import { joinJson, jsonContents } from './json.ts'
import { joinProtobuf, protobufContents } from './protobuf.ts'
import type { Encoding, Signal } from './signal.ts'

/** Throws MalformedPayload when the body is no request of that signal and encoding. */
export const readContents = (signal: Signal, encoding: Encoding, body: Uint8Array): Contents =>
  encoding === 'json' ? jsonContents(signal, body) : protobufContents(signal, body)

/** Several requests of one signal and encoding as one. */
export const joinRequests = (signal: Signal, encoding: Encoding, bodies: readonly Uint8Array[]): Uint8Array =>
  encoding === 'json' ? joinJson(signal, bodies) : joinProtobuf(bodies)
