import { SequenceSet } from './sequence-set.ts'

/** What one sink holds of one run: which numbers, and which of them more than once. */
export class Witness {
  readonly seen = new SequenceSet()
  /** Those that came more than once. */
  readonly again = new SequenceSet()
  /** Arrivals beyond the first of each. */
  repeated = 0
  /** Why there may be more than it holds: the reason goes on after the name of the sink. */
  doubt: string | undefined
  /** Told of the first arrival of each. */
  onFirst: ((sequence: number) => void) | undefined

  add(sequence: number): void {
    if (this.seen.add(sequence)) return void this.onFirst?.(sequence)
    this.again.add(sequence)
    this.repeated++
  }
}
