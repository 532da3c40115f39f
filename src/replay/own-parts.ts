import type { Shape } from './backup.ts'
import type { Source } from './read-lines.ts'
import type { Mine } from './seams.ts'
import { BLOCK_BYTES } from './shard.ts'

const NEWLINE = 0x0a
const LOOK_BYTES = 64 * 1024

/** Bytes of a file: from the first to the one behind the last. */
export type Part = readonly [from: number, to: number]

/** The parts of a file in which the lines start that are this shard's, each as long as it can be. */
export function ownParts(mine: Mine, file: string, size: number, block = BLOCK_BYTES): Part[] {
  const parts: [number, number][] = []
  for (let from = 0; from < size; from += block) {
    if (!mine(file, from)) continue
    const to = Math.min(size, from + block)
    const last = parts.at(-1)
    if (last?.[1] === from) last[1] = to
    else parts.push([from, to])
  }
  return parts
}

/** Whether a newline is where one may begin to read. */
export const isPlain = ({ packing, encoding }: Shape): boolean => packing === 'none' && encoding === 'json'

export const isWhole = (parts: readonly Part[], size: number): boolean =>
  parts.length === 1 && parts[0]?.[0] === 0 && parts[0][1] === size

/** Where the first line starts that starts in the part: it may begin in the middle of one. Undefined where none does. */
export async function firstStart(source: Source, [from, to]: Part): Promise<number | undefined> {
  if (from === 0) return 0
  const bytes = Buffer.alloc(LOOK_BYTES)
  // The byte before the part may be the end of a line.
  for (let at = from - 1; at < to - 1; at += LOOK_BYTES) {
    const length = await source.read(bytes.subarray(0, Math.min(LOOK_BYTES, to - 1 - at)), at)
    const newline = bytes.subarray(0, length).indexOf(NEWLINE)
    if (newline >= 0) return at + newline + 1
    if (length === 0) return undefined
  }
  return undefined
}
