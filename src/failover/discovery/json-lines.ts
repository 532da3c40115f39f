import type { Pieces } from '../../core/host.ts'
import { AskFailed } from './keep-asking.ts'

/** The longest line that is kept: an EndpointSlice has 1000 endpoints at most, some 300 KB. */
const MAX_LINE = 8 * 1024 * 1024

/** One JSON value a line, as its line is complete. */
export async function* jsonLines(pieces: Pieces): AsyncGenerator<unknown> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const piece of pieces) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > MAX_LINE) throw new AskFailed('a line of the watch is too long')
    for (const line of lines) if (line.trim() !== '') yield JSON.parse(line)
  }
}
