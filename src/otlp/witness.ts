import type { SpanKey } from './contents.ts'
import { sequenceOf } from './identity.ts'
import { SequenceSet } from './sequence-set.ts'

/** What one sink holds of one run: which spans, and which of them more than once. */
export class Witness {
  readonly run: string
  readonly seen = new SequenceSet()
  /** Arrivals beyond the first of each span. */
  repeated = 0

  constructor(run: string) {
    this.run = run
  }

  /** Counts those of the spans that belong to the run; answers with the highest sequence number among them, or 0. */
  record(spans: readonly SpanKey[]): number {
    let latest = 0
    for (const span of spans) {
      const sequence = sequenceOf(this.run, span)
      if (sequence === undefined) continue
      if (!this.seen.add(sequence)) this.repeated++
      latest = Math.max(latest, sequence)
    }
    return latest
  }
}
