/**
 * How an outage went, predicted or real: the one shape of `chaos`, `simulate` and `lab`
 * (schemas/outcome.schema.json). Times are seconds from the start of traffic; counts are spans.
 */
export interface Outcome {
  readonly verdict: 'held' | 'deviated' | 'unknown'
  readonly reason: string
  readonly target: string
  readonly config: string
  readonly collector_version: string
  readonly seed: number
  /** 16 hexadecimal digits: the first half of every trace id of this run. */
  readonly run: string
  /** What stands behind the levels, as the ledger names it. */
  readonly backends: readonly BackendPlace[]
  readonly levels: readonly LevelChange[]
  readonly faults: readonly FaultWindow[]
  /** Fault made → first span accepted by a lower level; null when it did not happen. */
  readonly failover_time_s: number | null
  /** Backend back → first new span accepted by the level that should have it; null when it did not happen. */
  readonly recovery_time_s: number | null
  /** The same two as far as the collector's own metrics tell them: last scrape before, first scrape after. */
  readonly failover_interval_s: readonly [number, number] | null
  readonly recovery_interval_s: readonly [number, number] | null
  readonly ledger: LedgerSummary
  /** What the verdict is made of. */
  readonly checks: readonly Check[]
  readonly causes: readonly Cause[]
  /** Where the target is not what the config says. */
  readonly notes: readonly string[]
}

export interface BackendPlace {
  readonly name: string
  /** The highest level that sends to it; null when none does. */
  readonly level: number | null
}

export interface LevelChange {
  readonly at_s: number
  readonly level: number
  readonly connector: string
  readonly evidence: string
}

export interface FaultWindow {
  readonly at_s: number
  /** null: to the end of the run. */
  readonly until_s: number | null
  readonly kind: string
  readonly backend: string
}

export interface LedgerSummary {
  readonly sent: number
  readonly acknowledged: number
  readonly refused: number
  readonly unknown: number
  /** Different spans at each backend. */
  readonly delivered: Readonly<Record<string, number>>
  /** Acknowledged, at no backend after the drain, and in no queue. */
  readonly lost: number
  /** Arrivals beyond the first of each span, over all backends. */
  readonly duplicated: number
  /** Acknowledged and still waiting in a queue of the collector when the drain ended. */
  readonly queued: number
  /** Sequence numbers, both ends included. */
  readonly lost_ranges: readonly (readonly [number, number])[]
}

/** One thing that the run was held against. */
export interface Check {
  readonly name: string
  /** `skipped`: the run ended before it could be looked at. */
  readonly result: 'held' | 'deviated' | 'unknown' | 'skipped'
  readonly expected: string
  readonly observed: string
  /** What it was read from; empty when nothing was. */
  readonly evidence: string
  /** From when on it was looked for; null when that is no instant. */
  readonly at_s: number | null
  readonly took_s: number | null
}

export interface Cause {
  readonly what: string
  readonly count: number
  /** The id of the validate rule that says so. */
  readonly rule: string
  readonly file: string
  readonly line: number
}
