import type { Field } from './fields.ts'
import type { Int64 } from './int64.ts'

const encoder = new TextEncoder()
/** Up to this length a loop over characters is faster than the encoder. */
const SHORT = 48

/** Protobuf from the last byte to the first, so that a message's length is known when it is to be written. */
export class ProtobufWriter {
  /** Writes a value of a kind of its own, with its tag, and says so; false for any other. */
  special: ((field: Field, value: unknown) => boolean) | undefined
  #bytes: Uint8Array
  #view: DataView
  #at: number

  /** `room` is where it writes as long as that is enough, or how many bytes it may need: a guess, as it grows. */
  constructor(room: number | Uint8Array) {
    this.#bytes = typeof room === 'number' ? new Uint8Array(Math.max(room, 64)) : room
    this.#at = this.#bytes.length
    this.#view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.length)
  }

  /** How many bytes are written. */
  get length(): number {
    return this.#bytes.length - this.#at
  }

  /** A view of the room, or of what took its place. */
  finish(): Uint8Array {
    return this.#bytes.subarray(this.#at)
  }

  tag(number: number, wireType: number): void {
    this.varint(number * 8 + wireType)
  }

  /** The length of what was written since `before`, and the tag of the field that it is in. */
  close(before: number, number: number): void {
    this.varint(this.length - before)
    this.tag(number, 2)
  }

  /** Up to 2^32. */
  varint(value: number): void {
    if (value < 128) {
      const at = this.#reserve(1)
      this.#bytes[at] = value
      return
    }
    const size = value < 2 ** 14 ? 2 : value < 2 ** 21 ? 3 : value < 2 ** 28 ? 4 : 5
    this.#groups(this.#reserve(size), size, value)
  }

  varint64({ high, low }: Int64): void {
    if (high === 0) {
      this.varint(low)
      return
    }
    // 28 bits, then the other 36.
    const rest = high * 16 + (low >>> 28)
    let size = 5
    for (let left = rest; left >= 128; left = Math.floor(left / 128)) size++
    const at = this.#reserve(size)
    this.#groups(at, 4, low & 0xfff_ffff)
    this.#bytes[at + 3] = (this.#bytes[at + 3] as number) | 128
    this.#groups(at + 4, size - 4, rest)
  }

  fixed32(value: number): void {
    const at = this.#reserve(4)
    this.#view.setUint32(at, value, true)
  }

  fixed64({ high, low }: Int64): void {
    const at = this.#reserve(8)
    this.#view.setUint32(at, low, true)
    this.#view.setUint32(at + 4, high, true)
  }

  double(value: number): void {
    const at = this.#reserve(8)
    this.#view.setFloat64(at, value, true)
  }

  raw(bytes: Uint8Array): void {
    const at = this.#reserve(bytes.length)
    this.#bytes.set(bytes, at)
  }

  string(text: string): void {
    if (text.length > SHORT || !this.#ascii(text)) this.raw(encoder.encode(text))
  }

  /** False, and nothing written, when there is more than ASCII in it. */
  #ascii(text: string): boolean {
    const at = this.#reserve(text.length)
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index)
      if (code > 127) {
        this.#at += text.length
        return false
      }
      this.#bytes[at + index] = code
    }
    return true
  }

  #groups(at: number, size: number, value: number): void {
    let rest = value
    for (let index = 0; index < size - 1; index++) {
      this.#bytes[at + index] = (rest % 128) | 128
      rest = Math.floor(rest / 128)
    }
    this.#bytes[at + size - 1] = rest
  }

  #reserve(size: number): number {
    if (size > this.#at) this.#grow(size)
    this.#at -= size
    return this.#at
  }

  #grow(size: number): void {
    const { length } = this
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, length + size))
    larger.set(this.#bytes.subarray(this.#at), larger.length - length)
    this.#bytes = larger
    this.#view = new DataView(larger.buffer)
    this.#at = larger.length - length
  }
}
