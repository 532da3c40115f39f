import type { SequenceSet } from '../otlp/sequence-set.ts'

/** What one backend holds: the different spans of the run, and how many arrivals there were beyond the first of each. */
export interface Holding {
  readonly seen: SequenceSet
  /** Those that came more than once. */
  readonly again: SequenceSet
  readonly repeated: number
  /** Why it may hold more than this: the reason goes on after its name. */
  readonly doubt?: string | undefined
}

/** What a backend says that has counters and nothing else: so many spans, and not which. */
export interface CountedHolding {
  readonly counted: number
  /** So many spans it may be off. */
  readonly off: number
  /** Why it is no better: the reason goes on after its name. */
  readonly why: string
  readonly doubt?: string | undefined
}

export const isNumbered = (holding: Holding | CountedHolding): holding is Holding => 'seen' in holding
