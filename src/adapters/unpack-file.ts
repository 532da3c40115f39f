import { readSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import * as zlib from 'node:zlib'
import { zstdParts } from './unzstd.ts'

const CHUNK = 256 * 1024

/** The file as one packed stream, from its start. A stream that was cut ends where it was cut. */
export async function* unpacked(
  handle: FileHandle,
  as: 'gzip' | 'zstd',
  read: (bytes: number) => void = () => {},
): AsyncGenerator<Uint8Array> {
  if (as === 'zstd') return yield* zstdParts(chunksOf(handle.fd, read))
  const source = handle.createReadStream({ start: 0, autoClose: false, highWaterMark: CHUNK })
  const gunzip = zlib.createGunzip({ chunkSize: CHUNK, finishFlush: zlib.constants.Z_SYNC_FLUSH })
  source.once('error', error => gunzip.destroy(error))
  for await (const part of source.pipe(gunzip)) {
    read(source.bytesRead)
    yield part
  }
}

// The decoder of zstd takes its input without waiting.
function* chunksOf(fd: number, read: (bytes: number) => void): Generator<Uint8Array> {
  const chunk = Buffer.allocUnsafe(CHUNK)
  for (let at = 0; ; ) {
    const length = readSync(fd, chunk, 0, CHUNK, at)
    if (length === 0) return
    at += length
    read(at)
    yield chunk.subarray(0, length)
  }
}
