/** Unpacks a zstd stream as it comes, also on a Node without zstd of its own. Throws where it is damaged or cut. */
export async function* wholeZstd(chunks: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { ZSTDDecoder } = await import('zstddec/stream')
  const decoder = new ZSTDDecoder()
  await decoder.init()
  let empty = 0
  for (const part of decoder.decodeStreaming(chunks)) {
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
