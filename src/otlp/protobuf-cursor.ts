import { MalformedPayload } from './contents.ts'

const decoder = new TextDecoder()

/** A place in a protobuf message that moves forward. Each method is told where the message around it ends, and throws MalformedPayload beyond it. */
export class ProtobufCursor {
  position = 0
  #bytes: Uint8Array

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

  /** Whether the KeyValue here has this key. Does not move; an exporter that writes the value first is not known. */
  isNamed(key: Uint8Array, end: number): boolean {
    const [bytes, start] = [this.#bytes, this.position]
    if (bytes[start] !== 0x0a || bytes[start + 1] !== key.length || start + 2 + key.length > end) return false
    for (let index = 0; index < key.length; index++) if (bytes[start + 2 + index] !== key[index]) return false
    return true
  }

  /** The integer of the KeyValue here, 0 when its value is of another kind. */
  intValue(end: number): number {
    const inside = this.#value(end)
    return inside !== undefined && this.position < inside && this.varint(inside) === 3 * 8 ? this.varint(inside) : 0
  }

  /** The text of the KeyValue here, empty when its value is of another kind. */
  stringValue(end: number): string {
    const inside = this.#value(end)
    if (inside === undefined || this.position === inside || this.varint(inside) !== 1 * 8 + 2) return ''
    const stop = this.block(inside)
    return decoder.decode(this.#bytes.subarray(this.position, stop))
  }

  /** Moves to the AnyValue of the KeyValue here; answers with its end. */
  #value(end: number): number | undefined {
    while (this.position < end) {
      const tag = this.varint(end)
      if (tag === 2 * 8 + 2) return this.block(end)
      this.skip(tag, end)
    }
    return undefined
  }
}
