import { MalformedPayload } from './contents.ts'

const decoder = new TextDecoder()

// Tags of KeyValue and AnyValue.
const KEY = 1 * 8 + 2
const VALUE = 2 * 8 + 2
const STRING_VALUE = 1 * 8 + 2
const INT_VALUE = 3 * 8

/** A place in a protobuf message that moves forward. Each method is told where the message around it ends, and throws MalformedPayload beyond it. */
export class ProtobufCursor {
  position = 0
  #bytes: Uint8Array
  #keyAt = 0
  #keyEnd = 0
  #valueAt = 0
  #valueEnd = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** A number; one above 2^53 is not exact. */
  varint(end: number): number {
    const bytes = this.#bytes
    let position = this.position
    let value = 0
    for (let scale = 1, read = 0; read < 10 && position < end; scale *= 128, read++) {
      const byte = bytes[position++] as number
      value += (byte & 127) * scale
      if (byte < 128) {
        this.position = position
        return value
      }
    }
    throw new MalformedPayload('the message ends in the middle of a number')
  }

  /** The length of a block; answers with where it ends. */
  block(end: number): number {
    const length = this.varint(end)
    if (this.position + length > end) throw new MalformedPayload('the message is cut short')
    return this.position + length
  }

  /** Moves over the field that this tag begins. */
  skip(tag: number, end: number): void {
    if (tag < 8) throw new MalformedPayload('field number 0')
    const type = tag % 8
    if (type === 0) this.varint(end)
    else if (type === 1) this.#over(8, end)
    else if (type === 2) this.position = this.block(end)
    else if (type === 5) this.#over(4, end)
    else throw new MalformedPayload(`unknown wire type ${type}`)
  }

  #over(length: number, end: number): void {
    if (this.position + length > end) throw new MalformedPayload('the message is cut short')
    this.position += length
  }

  /** Four bytes as a number, big-endian, anywhere in the message. */
  word(at: number): number {
    const bytes = this.#bytes
    return (
      (((bytes[at] as number) << 24) |
        ((bytes[at + 1] as number) << 16) |
        ((bytes[at + 2] as number) << 8) |
        (bytes[at + 3] as number)) >>>
      0
    )
  }

  /** Moves over the KeyValue here. The collector writes the value first, others the key. */
  keyValue(end: number): void {
    this.#keyAt = this.#keyEnd = this.#valueAt = this.#valueEnd = end
    while (this.position < end) {
      const tag = this.varint(end)
      if (tag === KEY) {
        this.#keyEnd = this.block(end)
        this.#keyAt = this.position
        this.position = this.#keyEnd
      } else if (tag === VALUE) {
        this.#valueEnd = this.block(end)
        this.#valueAt = this.position
        this.position = this.#valueEnd
      } else this.skip(tag, end)
    }
  }

  /** Whether the last KeyValue has this key. */
  isNamed(key: Uint8Array): boolean {
    if (this.#keyEnd - this.#keyAt !== key.length) return false
    for (let index = 0; index < key.length; index++) if (this.#bytes[this.#keyAt + index] !== key[index]) return false
    return true
  }

  /** The integer of the last KeyValue, 0 when its value is of another kind. */
  intValue(): number {
    return this.#inside(INT_VALUE, () => this.varint(this.#valueEnd)) ?? 0
  }

  /** The text of the last KeyValue, empty when its value is of another kind. */
  stringValue(): string {
    return this.#inside(STRING_VALUE, () => decoder.decode(this.#bytes.subarray(this.#after(), this.position))) ?? ''
  }

  /** Reads the AnyValue of the last KeyValue if it is of this kind, and goes back to where it was. */
  #inside<T>(kind: number, read: () => T): T | undefined {
    const before = this.position
    this.position = this.#valueAt
    const found = this.position < this.#valueEnd && this.varint(this.#valueEnd) === kind ? read() : undefined
    this.position = before
    return found
  }

  /** Moves over a block; answers with where it begins. */
  #after(): number {
    const stop = this.block(this.#valueEnd)
    const start = this.position
    this.position = stop
    return start
  }
}

/** Visits the messages of one field; `visit` may read up to their end, which is where the cursor goes on. */
export function each(at: ProtobufCursor, end: number, field: number, visit: (end: number) => void): void {
  while (at.position < end) {
    const tag = at.varint(end)
    if (tag !== field * 8 + 2) {
      if (Math.floor(tag / 8) === field) throw new MalformedPayload(`field ${field} is not a message`)
      at.skip(tag, end)
      continue
    }
    const inner = at.block(end)
    visit(inner)
    at.position = inner
  }
}
