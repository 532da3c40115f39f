import type { Expectation } from '../outage/measured.ts'
import type { Capability } from './target.ts'

/** One fault of an experiment: which step, on which backends (resolved names). */
export interface PlannedFault {
  readonly kind: Capability
  readonly backend: string
  /** For `answer`: the HTTP status. */
  readonly status?: number
}

/** The standard experiment: steady state, faults, failover, hold, backends back, recovery, drain, ledger. Times in milliseconds. */
export interface Experiment extends Expectation {
  readonly faults: readonly PlannedFault[]
  /** The backends that come back; the others stay failed until the experiment is over. */
  readonly bringBack: readonly string[]
  readonly steadyMs: number
  readonly holdMs: number
  readonly drainWithinMs: number
  readonly scrapeIntervalMs: number
  /** Spans per second. */
  readonly rate: number
  readonly spansPerRequest: number
  readonly seed: number
}
