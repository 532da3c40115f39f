import type { Action, WishedFault } from '../experiment/wish.ts'
import type { Expectation } from '../outage/measured.ts'

/** One fault of an experiment, with every name resolved. */
export interface PlannedFault extends Omit<WishedFault, 'action' | 'who' | 'said'> {
  readonly kind: Action
  /** A backend's name, or `collector`. */
  readonly on: string
}

/** Steady state, faults and their ends in order, after each the level that should follow, drain, ledger. Times in milliseconds. */
export interface Experiment extends Expectation {
  readonly faults: readonly PlannedFault[]
  readonly steadyMs: number
  /** How long to stay after each change that has no time of its own. */
  readonly holdMs: number
  /** Traffic flows for so long at least. */
  readonly durationMs?: number | undefined
  readonly drainWithinMs: number
  readonly scrapeIntervalMs: number
  /** A fault that lasts longer is taken back, and the run ends. */
  readonly maxFaultMs: number
  /** Spans per second. */
  readonly rate: number
  readonly spansPerRequest: number
  readonly seed: number
}
