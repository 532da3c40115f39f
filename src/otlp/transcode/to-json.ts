import { MalformedPayload } from '../contents.ts'
import { ProtobufCursor } from '../protobuf-cursor.ts'
import { DEEPEST, type Field, type Fields, fieldsOf } from './fields.ts'
import { int64Text } from './int64.ts'

/** An OTLP message from protobuf to JSON. Fields that OTLP does not know are left out: JSON would have no name for them. */
export const protobufToJson = (type: string, body: Uint8Array): Uint8Array =>
  new TextEncoder().encode(new JsonReader(body).message(fieldsOf(type), body.length, 0))

const decoder = new TextDecoder()
const byteDecoder = new TextDecoder('latin1')

/** Printable ASCII but the quote and the backslash. */
const AS_IT_IS = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c ? 1 : 0,
)

class JsonReader {
  #bytes: Uint8Array
  #view: DataView
  #cursor: ProtobufCursor
  #ascii: string

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#cursor = new ProtobufCursor(bytes)
    this.#ascii = byteDecoder.decode(bytes)
  }

  /** The text of the message from here to `end`. */
  message({ all, byNumber }: Fields, end: number, depth: number): string {
    if (depth > DEEPEST) throw new MalformedPayload('nested too deeply')
    const cursor = this.#cursor
    const found: (string | undefined)[] = []
    while (cursor.position < end) {
      const tag = cursor.varint(end)
      const number = Math.floor(tag / 8)
      const field = byNumber[number]
      if (!field) {
        cursor.skip(tag, end)
        continue
      }
      const text = this.#field(field, tag % 8, end, depth)
      const before = field.list ? found[number] : undefined
      found[number] = before && text ? `${before},${text}` : before || text
    }
    let json = ''
    for (const { name, number, list } of all) {
      const text = found[number]
      if (text === undefined) continue
      json += `${json === '' ? '' : ','}"${name}":${list ? `[${text}]` : text}`
    }
    return `{${json}}`
  }

  #field(field: Field, wireType: number, end: number, depth: number): string {
    if (wireType !== 2) return this.#number(field, wireType, end)
    const stop = this.#cursor.block(end)
    switch (field.kind) {
      case 'message':
        return this.message(field.message as Fields, stop, depth + 1)
      case 'string':
        return this.#string(stop)
      case 'id':
        return `"${hex(this.#block(stop))}"`
      case 'bytes':
        return `"${btoa(Array.from(this.#block(stop), byte => String.fromCharCode(byte)).join(''))}"`
      default:
        return this.#packed(field, stop)
    }
  }

  /** Most strings are ASCII that JSON takes as it is: a piece of what was decoded once. */
  #string(stop: number): string {
    const start = this.#cursor.position
    let at = start
    while (at < stop && AS_IT_IS[this.#bytes[at] as number]) at++
    const bytes = this.#block(stop)
    return at === stop ? `"${this.#ascii.slice(start, stop)}"` : JSON.stringify(decoder.decode(bytes))
  }

  #block(stop: number): Uint8Array {
    const bytes = this.#bytes.subarray(this.#cursor.position, stop)
    this.#cursor.position = stop
    return bytes
  }

  #packed(field: Field, stop: number): string {
    if (!field.list) throw new MalformedPayload(`${field.name} is not a number`)
    const numbers: string[] = []
    while (this.#cursor.position < stop) numbers.push(this.#number(field, WIRE_TYPES[field.kind] ?? 0, stop))
    return numbers.join(',')
  }

  #number({ kind, name }: Field, wireType: number, end: number): string {
    if (wireType !== (WIRE_TYPES[kind] ?? 2)) throw new MalformedPayload(`${name} has another type`)
    if (wireType === 0) return this.#varint(kind, end)
    const at = this.#cursor.position
    // Moves on, or throws where the message is cut short.
    this.#cursor.skip(8 + wireType, end)
    if (wireType === 5) return String(this.#view.getUint32(at, true))
    if (kind === 'double') return doubleText(this.#view.getFloat64(at, true))
    return `"${int64Text(this.#view.getUint32(at + 4, true), this.#view.getUint32(at, true), kind === 'sfixed64')}"`
  }

  #varint(kind: Field['kind'], end: number): string {
    let [low, middle, top] = [0, 0, 0]
    for (let read = 0; read < 10 && this.#cursor.position < end; read++) {
      const byte = this.#bytes[this.#cursor.position++] as number
      // Three parts of 28, 28 and 8 bits.
      if (read < 4) low += (byte & 127) * 2 ** (7 * read)
      else if (read < 8) middle += (byte & 127) * 2 ** (7 * (read - 4))
      else top += (byte & 127) * 2 ** (7 * (read - 8))
      if (byte < 128)
        return varintText(kind, (low + (middle % 16) * 2 ** 28) >>> 0, (Math.floor(middle / 16) + top * 2 ** 24) >>> 0)
    }
    throw new MalformedPayload('the message ends in the middle of a number')
  }
}

function varintText(kind: Field['kind'], low: number, high: number): string {
  switch (kind) {
    case 'int64':
    case 'uint64':
      return `"${int64Text(high, low, kind === 'int64')}"`
    case 'bool':
      return String(low !== 0 || high !== 0)
    case 'sint32':
      return String((low >>> 1) ^ -(low & 1))
    case 'enum':
      return String(low | 0)
    default:
      return String(low)
  }
}

const WIRE_TYPES: Readonly<Partial<Record<Field['kind'], number>>> = {
  bool: 0,
  int64: 0,
  uint64: 0,
  uint32: 0,
  sint32: 0,
  enum: 0,
  double: 1,
  fixed64: 1,
  sfixed64: 1,
  fixed32: 5,
}

function doubleText(value: number): string {
  if (Object.is(value, -0)) return '-0'
  return Number.isFinite(value) ? String(value) : `"${value}"`
}

const PAIRS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

function hex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += PAIRS[byte]
  return text
}
