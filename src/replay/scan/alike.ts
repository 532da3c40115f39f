import type { Signal } from '../../otlp/signal.ts'

/** Lines that follow each other and are alike. */
export interface Alike {
  readonly signal: Signal
  /** Spans, data points or log records of all of them. */
  readonly items: number
  /** Where each ends: its newline, counted from the start of the first. */
  readonly ends: Uint32Array
}

/** The lines that lie in `bytes`, of which the first one starts at `from` of the file. */
export const oneByOne = (from: number, bytes: Uint8Array, ends: Uint32Array) =>
  Array.from(ends, (end, index) => {
    const start = index === 0 ? 0 : (ends[index - 1] as number) + 1
    return { from: from + start, to: from + end + 1, bytes: bytes.subarray(start, end) }
  })
