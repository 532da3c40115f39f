import type { ZSTDDecoder } from 'zstddec/stream'

let decoder: Promise<ZSTDDecoder> | undefined

/** One for all, and loaded once: an import takes longer than a small frame does, even of what is there already. */
async function loaded(): Promise<ZSTDDecoder> {
  const { ZSTDDecoder } = await import('zstddec/stream')
  const ready = new ZSTDDecoder()
  await ready.init()
  return ready
}

/** Unpacks a zstd stream as it comes, also on a Node without zstd of its own. Throws where it is damaged or cut. */
export async function* wholeZstd(chunks: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  decoder ??= loaded()
  let empty = 0
  for (const part of (await decoder).decodeStreaming(chunks)) {
    // On a stream that is damaged the decoder gives nothing for ever.
    empty = part.length === 0 ? empty + 1 : 0
    if (empty > 2) throw new Error('damaged zstd stream')
    if (part.length > 0) yield part
  }
}

/** The same, where a stream that was cut ends early. */
export async function* zstdParts(chunks: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* wholeZstd(chunks)
  } catch (error) {
    if (!/^Incomplete stream/.test((error as Error).message)) throw error
  }
}
