import type { Batch } from './node.ts'

/** Several batches of one kind as one. */
export function joined(batches: readonly Batch[]): Batch {
  const [first] = batches
  if (batches.length === 1 && first) return first
  let [items, bytes] = [0, 0]
  const parts: unknown[] = []
  for (const batch of batches) {
    items += batch.items
    bytes += batch.bytes
    for (const part of batch.parts) parts.push(part)
  }
  return { kind: first?.kind ?? '', items, bytes, parts }
}
