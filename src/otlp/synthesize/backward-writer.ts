/** Protobuf from the last byte to the first: when a message's length is to be written, it is known. */
export class BackwardWriter {
  /** Bytes written so far. */
  length = 0
  #bytes = new Uint8Array(4096)
  #view = new DataView(this.#bytes.buffer)

  bytes(): Uint8Array {
    return this.#bytes.slice(this.#bytes.length - this.length)
  }

  raw(bytes: Uint8Array): void {
    const at = this.#reserve(bytes.length)
    this.#bytes.set(bytes, at)
  }

  varint(value: bigint): void {
    const bytes: number[] = []
    let rest = BigInt.asUintN(64, value)
    for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128)
    this.raw(Uint8Array.from([...bytes, Number(rest)]))
  }

  fixed32(value: number): void {
    const at = this.#reserve(4)
    this.#view.setUint32(at, value, true)
  }

  fixed64(value: bigint): void {
    const at = this.#reserve(8)
    this.#view.setBigUint64(at, BigInt.asUintN(64, value), true)
  }

  double(value: number): void {
    const at = this.#reserve(8)
    this.#view.setFloat64(at, value, true)
  }

  tag(number: number, wireType: number): void {
    this.varint(BigInt(number * 8 + wireType))
  }

  /** The length of what was written since it was `end` bytes long. */
  lengthOf(end: number): void {
    this.varint(BigInt(this.length - end))
  }

  #reserve(bytes: number): number {
    while (this.length + bytes > this.#bytes.length) {
      const wider = new Uint8Array(this.#bytes.length * 2)
      wider.set(this.#bytes, this.#bytes.length)
      this.#bytes = wider
      this.#view = new DataView(wider.buffer)
    }
    this.length += bytes
    return this.#bytes.length - this.length
  }
}
