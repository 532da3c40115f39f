import type { Action } from '../experiment/wish.ts'
import type { Expectation } from '../outage/measured.ts'

/** One fault of an experiment, with every name resolved. Times in milliseconds. */
export interface PlannedFault {
  readonly kind: Action
  /** A backend's name, or `collector`. */
  readonly on: string
  /** From the start of traffic; undefined: once the state is steady. */
  readonly atMs?: number | undefined
  /** From the start of traffic; undefined: after the hold. Infinity: until the experiment is over. */
  readonly untilMs?: number | undefined
  /** In place of `untilMs`: so long after it was made. */
  readonly lastsMs?: number | undefined
  /** For `reject`: the HTTP status. */
  readonly status?: number | undefined
  /** For `latency`. */
  readonly latencyMs?: number | undefined
  /** For `loss` and `partial-success`: above 0 to 1. */
  readonly share?: number | undefined
  /** For `config`: the file with what it is changed to. */
  readonly file?: string | undefined
  /** For `flap`. */
  readonly downMs?: number | undefined
  readonly upMs?: number | undefined
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
