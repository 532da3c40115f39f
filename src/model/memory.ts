import type { Collector, CollectorState } from './collector.ts'
import type { Batch } from './node.ts'

const MEBIBYTE = 1024 ** 2
/**
 * The heap of a collector with nothing to do, and what a byte of OTLP takes in it as a span. Measured on core 0.161.0, with few components:
 * 2.3 MiB idle, 93.5 MiB with 60,000 spans of 430 bytes in a queue.
 */
const IDLE_BYTES = 2.3 * MEBIBYTE
const GROWTH = 3.7

/** What the nodes hold of data that its senders think delivered. */
export const heldBatches = (collector: Collector, state: CollectorState): Batch[] =>
  [...collector.nodes].flatMap(([id, node]) => node.holds?.(state.get(id)) ?? [])

/** How much memory such a collector would use: what the memory_limiter sees. */
export const memoryUse = (collector: Collector, state: CollectorState): number =>
  heldBatches(collector, state).reduce((sum, { bytes }) => sum + GROWTH * bytes, IDLE_BYTES)
