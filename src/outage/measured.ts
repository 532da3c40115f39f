import type { Check, FaultWindow, LedgerSummary, LevelChange, Outcome } from '../model/outcome.ts'
import type { Series } from '../model/series.ts'

/** What a run of an outage has measured or computed; `judge.ts` makes a verdict of it. */
export interface Measured {
  readonly levels: readonly LevelChange[]
  readonly faults: readonly FaultWindow[]
  readonly steady: boolean
  /** undefined: the run did not get so far. */
  readonly failover: Transition | undefined
  readonly recovery: Transition | undefined
  readonly ledger: LedgerSummary
  /** What arrived when, where backends tell it. */
  readonly series?: Series | undefined
  /** What a reader has to know of how it was measured. */
  readonly notes?: readonly string[]
  /** Backends that ended for reasons of their own, each as a sentence: they explain more than the config does. */
  readonly endedBesides?: readonly string[]
  /** What the target has told of itself. */
  readonly events?: Outcome['events']
  /** What probes have found besides. */
  readonly checks?: readonly Check[]
  /** Why the run was ended before its time. */
  readonly aborted?: string
}

/** From a fault (or its end) to the level that should follow. */
export interface Transition {
  readonly expected: number
  /** The level that was seen when the wait ended; undefined when the metrics say nothing. */
  readonly level: number | undefined
  readonly reached: boolean
  /** The next fault, or the next end of one, came before the time that is allowed was over. */
  readonly cutShort?: boolean
  /** To the first span that the expected level took; null for level -1, which takes none, and when none came. */
  readonly time_s: number | null
  /** The same by the metrics: last scrape before the change, first scrape after it. */
  readonly interval_s: readonly [number, number] | null
}

/** What the run is held against. Times in milliseconds. */
export interface Expectation {
  readonly failoverWithinMs: number
  readonly recoverWithinMs: number
  /** Acknowledged spans that may be lost. */
  readonly maxLost: number
}
