import type { Chunk, ChunkPool } from './chunk.ts'
import { lineTooLong, type RawLine, type Splitter } from './split.ts'

/** Bytes that are asked for from front to back, with looks back no further than the last `at`. */
export interface Source {
  /** Fills `into`, unless the bytes end before; answers with how many there were. */
  read(into: Uint8Array, at: number): Promise<number>
}

export interface ReadSettings {
  readonly split: Splitter
  readonly pool: ChunkPool
  /** A line over this many bytes is not held in memory. */
  readonly maxLine: number
  /** Where to begin: at the start of a line. */
  readonly from: number
  /** Where the file ended when it was opened; later bytes are another run's. */
  readonly size: number
  /** No further than to the first line that starts here; it is among those of its chunk. */
  readonly until?: number
}

/** The lines of one chunk. Whoever keeps a line adds to the uses of its chunk, which loses the reader's own use at the next step. */
export interface Batch {
  readonly chunk: Chunk
  readonly lines: readonly RawLine[]
}

interface Filled {
  readonly chunk: Chunk
  readonly lines: readonly RawLine[]
  readonly next: number
}

/** Chunks that are read ahead. With one the disk's thread and this one would wait for each other whenever a core has other work. */
const AHEAD = 4

/** Reads ahead, so that the disk works while the lines before are on their way. */
export async function* readLines(source: Source, settings: ReadSettings): AsyncGenerator<Batch> {
  const { pool, from, size, until = size } = settings
  // Where a chunk starts is known when the one before it was looked at.
  const after = (before: Promise<{ next: number } | undefined>): Promise<Filled | undefined> => {
    const filled = before.then(last =>
      last && last.next < Math.min(size, until) ? fill(source, settings, last.next) : undefined,
    )
    // It is awaited at a later step, which may never come.
    filled.catch(() => {})
    return filled
  }
  let last = after(Promise.resolve({ next: from }))
  const ahead = [last]
  for (;;) {
    while (ahead.length < AHEAD) {
      last = after(last)
      ahead.push(last)
    }
    const filled = await ahead.shift()
    if (!filled) return
    const { chunk, lines } = filled
    yield { chunk, lines }
    pool.release(chunk)
  }
}

async function fill(source: Source, settings: ReadSettings, at: number): Promise<Filled | undefined> {
  const { split, pool, maxLine, size } = settings
  for (let length = pool.size; ; length = Math.min(length * 4, maxLine + 1)) {
    const wanted = Math.min(length, size - at)
    const taken = pool.take(length)
    const got = await source.read(taken.bytes.subarray(0, wanted), at)
    const atEnd = got < wanted || at + got >= size
    const chunk = fitted(taken, got, pool)
    const { lines, consumed } = split(chunk.bytes.subarray(0, got), at, atEnd, chunk.arena)
    if (consumed > 0) return { chunk, lines, next: got < wanted ? Number.POSITIVE_INFINITY : at + consumed }
    if (got === 0) return undefined
    pool.release(chunk)
    if (length > maxLine) return passLongLine(source, settings, at)
  }
}

/** Thousands of small files may wait for one request: none of them may hold a whole chunk meanwhile. */
function fitted(chunk: Chunk, length: number, pool: ChunkPool): Chunk {
  if (length * 2 > chunk.bytes.length) return chunk
  const bytes = Buffer.from(chunk.bytes.subarray(0, length))
  pool.release(chunk)
  return { bytes, uses: 1 }
}

/** Looks for the end of a line that is too long to be held. */
async function passLongLine(source: Source, { pool, size, maxLine }: ReadSettings, from: number): Promise<Filled> {
  const chunk = pool.take()
  const bad = lineTooLong(maxLine)
  for (let at = from; ; ) {
    const got = await source.read(chunk.bytes.subarray(0, Math.min(pool.size, size - at)), at)
    const newline = chunk.bytes.subarray(0, got).indexOf(0x0a)
    const to = newline < 0 ? at + got : at + newline + 1
    if (newline >= 0 || got < pool.size) return { chunk, lines: [{ from, to, bytes: undefined, bad }], next: to }
    at = to
  }
}
