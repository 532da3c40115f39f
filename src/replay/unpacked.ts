import type { Source } from './read-lines.ts'

/** What comes out of a packed stream, as bytes at places: it keeps what may be asked for again. */
export class Unpacked implements Source {
  readonly #parts: AsyncIterator<Uint8Array>
  #held: Uint8Array[] = []
  /** Offset of the first byte that is held. */
  #floor = 0
  #length = 0
  #ended = false

  constructor(stream: AsyncIterable<Uint8Array>) {
    this.#parts = stream[Symbol.asyncIterator]()
  }

  /** Set once the stream turned out to be damaged: what came out before it is still good. */
  damage: string | undefined

  async read(into: Uint8Array, at: number): Promise<number> {
    await this.#reach(at + into.length, at)
    this.#drop(at)
    let [filled, skip] = [0, at - this.#floor]
    for (const part of this.#held) {
      if (filled === into.length) break
      const piece = part.subarray(Math.min(skip, part.length), skip + into.length - filled)
      into.set(piece, filled)
      filled += piece.length
      skip = Math.max(0, skip - part.length)
    }
    return filled
  }

  async #reach(end: number, keepFrom: number): Promise<void> {
    while (!this.#ended && this.#floor + this.#length < end) {
      try {
        const { value, done } = await this.#parts.next()
        if (done) this.#ended = true
        else {
          this.#held.push(value)
          this.#length += value.length
        }
      } catch (error) {
        this.#ended = true
        this.damage = (error as Error).message
      }
      this.#drop(keepFrom)
    }
  }

  #drop(below: number): void {
    let first = this.#held[0]
    while (first && this.#floor + first.length <= below) {
      this.#floor += first.length
      this.#length -= first.length
      this.#held.shift()
      first = this.#held[0]
    }
  }
}
