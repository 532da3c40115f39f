import type { Body, Pieces } from './host.ts'

/** A body as a stream, also one that is there whole. */
export async function* inPieces(body: Body): Pieces {
  if (body instanceof Uint8Array) yield body
  else yield* body
}

export async function wholeText(body: Body): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const piece of inPieces(body)) text += decoder.decode(piece, { stream: true })
  return text + decoder.decode()
}
