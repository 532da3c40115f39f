import type { HttpHandler, ServedReply } from '../core/host.ts'
import { MalformedPayload } from '../otlp/contents.ts'
import type { Payload } from '../otlp/payload.ts'
import { CONTENT_TYPES, type Encoding, encodingOf, signalOfPath } from '../otlp/signal.ts'

/** What becomes of a request that was well addressed. The text is for the sender. */
export interface Answer {
  readonly status: number
  readonly message?: string
  /** A google.rpc.Code; UNAVAILABLE, or INVALID_ARGUMENT with 400, when not given. */
  readonly code?: number
  readonly retryAfterS?: number
}

/**
 * OTLP over HTTP as a collector's otlp receiver serves it: `undefined` from `take` means that no pipeline
 * has this signal, which is a path that does not exist.
 */
export const otlpHandler =
  (take: (payload: Payload, abandoned: () => boolean) => Promise<Answer> | undefined): HttpHandler =>
  async ({ method, path, headers, body, abandoned }) => {
    const signal = signalOfPath(path)
    if (!signal) return NOT_FOUND
    if (method !== 'POST') return plainText(405, `405 method not allowed, supported: [POST]`)
    const encoding = encodingOf(headers['content-type'])
    if (!encoding) return plainText(415, '415 unsupported media type, supported: [application/json, application/x-protobuf]')
    try {
      const taken = take({ signal, encoding, body }, abandoned)
      return taken ? reply(encoding, await taken) : NOT_FOUND
    } catch (error) {
      if (error instanceof MalformedPayload) return reply(encoding, { status: 400, message: error.message })
      throw error
    }
  }

const plainText = (status: number, body: string): ServedReply => ({ status, headers: { 'content-type': 'text/plain' }, body })

const NOT_FOUND = plainText(404, '404 page not found\n')

const INVALID_ARGUMENT = 3
const UNAVAILABLE = 14

function reply(encoding: Encoding, answer: Answer): ServedReply {
  const { status, message = '', code = status === 400 ? INVALID_ARGUMENT : UNAVAILABLE, retryAfterS } = answer
  const headers = {
    'content-type': CONTENT_TYPES[encoding],
    ...(retryAfterS === undefined ? {} : { 'retry-after': String(retryAfterS) }),
  }
  if (status < 300) return { status, headers, body: encoding === 'json' ? '{"partialSuccess":{}}' : '' }
  return { status, headers, body: encoding === 'json' ? JSON.stringify({ code, message }) : statusMessage(code, message) }
}

const encoder = new TextEncoder()

/** google.rpc.Status in protobuf: code is field 1, message field 2. */
function statusMessage(code: number, message: string): Uint8Array {
  const text = encoder.encode(message.slice(0, 100)).subarray(0, 127)
  return Uint8Array.of(0x08, code, 0x12, text.length, ...text)
}
