import type { Disk } from '../core/disk.ts'
import type { ChunkPool } from './chunk.ts'
import type { Batch } from './read-lines.ts'
import type { RawLine } from './split.ts'

interface Settings {
  readonly disk: Pick<Disk, 'unzstd'>
  readonly pool: ChunkPool
  readonly maxLine: number
}

/**
 * What is in frames, as it would lie in a chunk of a file that is not packed: a chunk of frames holds many times its size, and more
 * of it than is on its way would only fill the memory. Each chunk is the reader's own again at the next step.
 */
export async function* unpackFrames(frames: readonly RawLine[], settings: Settings): AsyncGenerator<Batch> {
  const { pool } = settings
  let [chunk, used, lines] = [pool.take(), 0, [] as RawLine[]]
  try {
    for (const frame of frames) {
      const raw = await unpackFrame(frame, settings)
      const length = raw.bytes?.length ?? 0
      if (used + length > chunk.bytes.length && lines.length > 0) {
        yield { chunk, lines }
        pool.release(chunk)
        ;[chunk, used, lines] = [pool.take(), 0, []]
      }
      if (!raw.bytes || raw.bad || length > chunk.bytes.length) {
        lines.push(raw)
        continue
      }
      chunk.bytes.set(raw.bytes, used)
      lines.push({ ...raw, bytes: chunk.bytes.subarray(used, used + length) })
      used += length
    }
    if (lines.length > 0) yield { chunk, lines }
  } finally {
    pool.release(chunk)
  }
}

async function unpackFrame(raw: RawLine, { disk, maxLine }: Settings): Promise<RawLine> {
  if (raw.bad || raw.cut || !raw.bytes || raw.bytes.length === 0) return raw
  return disk.unzstd(raw.bytes, maxLine).then(
    bytes => ({ ...raw, bytes }),
    error => ({ ...raw, bad: `damaged zstd frame: ${(error as Error).message}` }),
  )
}
