import type { Limits } from './gather.ts'
import { Arena } from './scan/arena.ts'

/** Bytes of a file, and how many lines in them are still needed. */
export interface Chunk {
  readonly bytes: Buffer
  uses: number
  /** Looks at its lines. Missing for bytes of an unusual number. */
  readonly arena?: Arena | undefined
}

/** So many chunks lie ready, at most. */
const MOST_FREE = 64
/** Reads of less cost more calls, and of more memory. */
const REQUESTS_IN_A_CHUNK = 2
/** Of a request, left free in its chunk: so the last lines of a chunk need no request of their own. */
const SLACK = 1 / 16

/** Buffers that are used again and again: fresh ones would cost a page fault for every 4 KiB, and wait for the garbage collector. */
export class ChunkPool {
  readonly size: number
  readonly #free: Pick<Chunk, 'bytes' | 'arena'>[] = []
  #arena: Arena | undefined
  #hasArenas = true

  constructor(size: number) {
    this.size = size
  }

  /** For lines that become requests of so much. */
  static for({ bytes }: Limits): ChunkPool {
    return new ChunkPool(Math.ceil(bytes * (REQUESTS_IN_A_CHUNK - SLACK)))
  }

  /** In use from the start, until its reader lets go of it. */
  take(size = this.size): Chunk {
    const { bytes, arena } = (size === this.size && (this.#free.pop() ?? this.#fresh())) || { bytes: Buffer.alloc(size) }
    return { bytes, uses: 1, arena }
  }

  release(chunk: Chunk, uses = 1): void {
    chunk.uses -= uses
    if (chunk.uses === 0 && chunk.bytes.length === this.size && this.#free.length < MOST_FREE) this.#free.push(chunk)
  }

  #fresh(): Pick<Chunk, 'bytes' | 'arena'> | undefined {
    let bytes = this.#arena?.take()
    if (!bytes && this.#hasArenas) {
      this.#arena = this.#newArena()
      bytes = this.#arena?.take()
    }
    return bytes && { bytes, arena: this.#arena }
  }

  /** Where a process may not have much address space (`ulimit -v`) there is none; lines are looked at from JavaScript then. */
  #newArena(): Arena | undefined {
    try {
      return new Arena(this.size)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      this.#hasArenas = false
      return undefined
    }
  }
}
