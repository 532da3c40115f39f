import type { Collector, CollectorState } from './collector.ts'
import type { Batch } from './node.ts'

const MEBIBYTE = 1024 ** 2
/** A collector with nothing to do, and what a byte of OTLP takes as spans in memory. */
const IDLE_BYTES = 40 * MEBIBYTE
const GROWTH = 3

/** What the nodes hold of data that its senders think delivered. */
export const heldBatches = (collector: Collector, state: CollectorState): Batch[] =>
  [...collector.nodes].flatMap(([id, node]) => node.holds?.(state.get(id)) ?? [])

/** How much memory such a collector would use: what the memory_limiter sees. */
export const memoryUse = (collector: Collector, state: CollectorState): number =>
  heldBatches(collector, state).reduce((sum, { bytes }) => sum + GROWTH * bytes, IDLE_BYTES)
