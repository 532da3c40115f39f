/**
 * How an outage went, predicted or real: the one shape of `chaos`, `simulate` and `lab`
 * (schemas/outcome.schema.json). Times are seconds from the start of traffic; counts are spans.
 */
export interface Outcome {
  readonly verdict: 'held' | 'deviated' | 'unknown'
  readonly reason: string
  readonly target: string
  readonly config: string
  /** A release, or `none` where what was tested is no collector. */
  readonly collector_version: string
  readonly seed: number
  /** 16 hexadecimal digits: the first half of every trace id of this run. */
  readonly run: string
  /** What stands behind the levels, as the ledger names it. */
  readonly backends: readonly BackendPlace[]
  readonly levels: readonly LevelChange[]
  readonly faults: readonly FaultWindow[]
  /** What the target has told of itself: the engine of a proxy does. */
  readonly events?: readonly ToldEvent[] | undefined
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

export interface ToldEvent {
  readonly at_s: number
  /** Who tells it. */
  readonly source: string
  /** As a sentence without its end: `failover from eu-1 to eu-2`. */
  readonly text: string
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
  /** Sequence numbers, both ends included; the first thousand ranges. */
  readonly lost_ranges: readonly (readonly [number, number])[]
  /** What only a real run can tell. */
  readonly counted?: Counted
}

/** The finer points of a count at the backends. */
export interface Counted {
  /** Spans that arrived more than once, by number. */
  readonly duplicated_ranges: readonly (readonly [number, number])[]
  /** Arrived, with the mark of this run and a number that was never sent. */
  readonly phantoms: number
  readonly phantom_ranges: readonly (readonly [number, number])[]
  /** Arrived all the same: those that the sender was told were not taken, and those without an answer. */
  readonly recovered: { readonly refused: number; readonly unknown: number }
  /** The stretches of the run, by when their spans were sent. */
  readonly phases: readonly PhaseCount[]
  /** How long spans took from the sender to a backend; null where no backend tells times. */
  readonly delivery: Delivery | null
  /** Backends whose count is not complete, and why. */
  readonly unread: readonly { readonly backend: string; readonly why: string }[]
  /** `lost` may be so many spans off, because some backend only counts; null when every span was looked for by its number. */
  readonly margin: { readonly spans: number; readonly why: string } | null
}

/** `steady` before any fault, `fault` while there is one, `after` when none is left. */
export type Phase = 'steady' | 'fault' | 'after'

/** What became of the spans that were sent in one phase. */
export interface PhaseCount {
  readonly phase: Phase
  /** The numbers of its spans; several where faults came and went. */
  readonly ranges: readonly (readonly [number, number])[]
  readonly sent: number
  readonly acknowledged: number
  readonly refused: number
  readonly unknown: number
  /** Those that are still queued are taken to be the newest; null where a backend only counts. */
  readonly lost: number | null
  /** Different spans that arrived more than once. */
  readonly duplicated: number
}

/** From the sending of a span to its first arrival, in seconds. */
export interface Delivery {
  readonly p50_s: number
  readonly p95_s: number
  readonly p99_s: number
  readonly max_s: number
  /** A backend notices an arrival so late at most: a file exporter writes once a second. */
  readonly noticed_within_s: number
  /** Arrived more than `over_s` after they were sent. */
  readonly late: number
  readonly over_s: number
  /** Sent while a fault was made, and arrived when none was left: out of a queue, or by another attempt. */
  readonly after_recovery: number
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
