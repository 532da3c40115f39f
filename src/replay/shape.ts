import type { Encoding } from '../otlp/signal.ts'
import type { Shape } from './backup.ts'

const BRACE = 0x7b
const NEWLINE = 0x0a
/** No other file in JSON has so much on one line, as a rule. */
const LONG = 4096
const FIRST_FIELD = 0x0a
const ZSTD = [0x28, 0xb5, 0x2f, 0xfd]
const GZIP = [0x1f, 0x8b]
/** No collector exports a request that is larger. */
const MAX_MESSAGE = 2 ** 30

const startsWith = (bytes: Uint8Array, magic: readonly number[], at = 0): boolean =>
  magic.every((byte, index) => bytes[at + index] === byte)

export type Packing = Exclude<Shape['packing'], 'letters'>

/**
 * How the file is laid out, by its first bytes. Undefined when they are no backup's. In a packed file the encoding shows
 * only inside: it is `encodingOf` the first bytes that come out, or of the first frame.
 */
export function packingOf(head: Uint8Array): Packing | undefined {
  if (startsWith(head, ZSTD)) return 'zstd'
  if (startsWith(head, GZIP)) return 'gzip'
  if (startsWith(head, ZSTD, 4)) return 'frames'
  return encodingOf(head) && 'none'
}

/** A request of OTLP in JSON begins so; a line before it may be damaged, or empty. */
const REQUEST = /\{\s*"resource(?:Spans|Metrics|Logs)"\s*:/

/**
 * JSON lines or protobuf messages behind their lengths. A first line that is damaged does not hide the lines after it, and one
 * that is longer than what is looked at is taken for a request.
 */
export function encodingOf(head: Uint8Array): Encoding | undefined {
  if (REQUEST.test(new TextDecoder('latin1').decode(head))) return 'json'
  if (firstSign(head) === BRACE) return head.length >= LONG && !head.includes(NEWLINE) ? 'json' : undefined
  return looksPrefixed(head) ? 'protobuf' : undefined
}

/** A single request, without a length before it. */
export const encodingOfMessage = (message: Uint8Array): Encoding => (firstSign(message) === BRACE ? 'json' : 'protobuf')

const firstSign = (bytes: Uint8Array): number | undefined =>
  bytes
    .subarray(startsWith(bytes, [0xef, 0xbb, 0xbf]) ? 3 : 0)
    .find(byte => byte !== 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d)

function looksPrefixed(head: Uint8Array): boolean {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
  for (let at = 0; at + 5 <= head.length; at += 4) {
    const length = view.getUint32(at)
    // An empty request has no bytes at all.
    if (length > 0) return length <= MAX_MESSAGE && head[at + 4] === FIRST_FIELD
  }
  return false
}

/** Whether the whole file is one packed stream, in which offsets are those of what it unpacks to. */
export const isStream = ({ packing }: Shape): boolean => packing === 'zstd' || packing === 'gzip'
