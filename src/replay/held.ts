import type { Line } from './backup.ts'
import type { Chunk } from './chunk.ts'
import { countItems } from './count-json.ts'
import { oneByOne } from './scan/alike.ts'

/** A line with what its way to the backend needs; or several that are alike and follow each other, for as long as all goes well. */
export interface Held extends Line {
  /** How many lines it is. */
  readonly count: number
  /** Of several: where the newline of each is in the bytes, and for the last one behind them. */
  readonly ends: Uint32Array | undefined
  /** Its ends are exactly those that joining cuts off. */
  readonly joinable: boolean
  /** Where its bytes lie, when they are part of a chunk that goes back to the pool. It has a use for each line. */
  readonly chunk: Chunk | undefined
  /** A line with several signals is settled when all of its parts are. */
  readonly parts?: { left: number } | undefined
}

/** The same lines, each for itself. */
export const apart = (held: Held): readonly Held[] =>
  held.ends
    ? oneByOne(held.from, held.bytes, held.ends).map(line => ({
        ...held,
        ...line,
        count: 1,
        ends: undefined,
        items: countItems(held.signal, line.bytes),
      }))
    : [held]

export const linesOf = (held: readonly Held[]): number => held.reduce((sum, { count }) => sum + count, 0)

export const itemsOf = (held: readonly Held[]): number => held.reduce((sum, { items }) => sum + items, 0)

/** Of the lines themselves, without the newlines between them. */
export const bytesOf = ({ bytes, count }: Held): number => bytes.length - (count - 1)
