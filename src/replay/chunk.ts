/** Bytes of a file, and how many lines in them are still needed. */
export interface Chunk {
  readonly bytes: Buffer
  uses: number
}

/** Buffers that are used again and again: fresh ones would cost a page fault for every 4 KiB, and wait for the garbage collector. */
export class ChunkPool {
  readonly size: number
  readonly #free: Buffer[] = []

  constructor(size: number) {
    this.size = size
  }

  /** In use from the start, until its reader lets go of it. */
  take(size = this.size): Chunk {
    const bytes = (size === this.size && this.#free.pop()) || Buffer.alloc(size)
    return { bytes, uses: 1 }
  }

  release(chunk: Chunk, uses = 1): void {
    chunk.uses -= uses
    if (chunk.uses === 0 && chunk.bytes.length === this.size && this.#free.length < 64) this.#free.push(chunk.bytes)
  }
}
