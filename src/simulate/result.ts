import type { Outcome } from '../model/outcome.ts'

/** A computed outage: the first run in full, the figures of all, and why. Times in seconds from the start of traffic. */
export interface Simulation {
  /** Of the first run; the same shape as a real one (schemas/outcome.schema.json). */
  readonly outcome: Outcome
  readonly series: Series
  /** What was given: the scenario as a person would say it. */
  readonly scenario: ScenarioSummary
  /** Each loss, refusal, missing answer, duplicate and wait of the first run. */
  readonly why: readonly Why[]
  /** One entry a run, the first run first. */
  readonly runs: readonly Figures[]
  /** Over all runs. */
  readonly spread: Readonly<Record<Measure, Spread>>
  /** Empty when nothing was asserted. */
  readonly assertions: readonly Assertion[]
}

export interface ScenarioSummary {
  /** Spans per second. */
  readonly traffic: number
  readonly spans_per_request: number
  readonly span_bytes: number
  readonly duration_s: number
  readonly drain_within_s: number
  /** How long the sender tries again; null when it does not. */
  readonly sender_retry_s: number | null
  readonly runs: number
}

/** What can be asserted and compared. Times in seconds, counts in spans, peak_queue as a share of its capacity (0 to 1). */
export const MEASURES = [
  'failover_time',
  'recovery_time',
  'sent',
  'acknowledged',
  'refused',
  'unknown',
  'lost',
  'duplicated',
  'queued',
  'peak_queue',
] as const
export type Measure = (typeof MEASURES)[number]

export interface Figures extends Readonly<Record<Exclude<Measure, 'failover_time' | 'recovery_time'>, number>> {
  readonly seed: number
  /** null: it did not happen. */
  readonly failover_time: number | null
  readonly recovery_time: number | null
  readonly verdict: Outcome['verdict']
}

/** Percentiles over runs; null where so many runs did not get there. */
export interface Spread {
  readonly min: number | null
  readonly p50: number | null
  readonly p90: number | null
  readonly p95: number | null
  readonly p99: number | null
  readonly max: number | null
  /** Runs in which it did not happen. */
  readonly never: number
}

/** The first run as curves. Bucket `i` is from `i * bucket_s` to `(i + 1) * bucket_s`. */
export interface Series {
  readonly bucket_s: number
  readonly buckets: number
  /** Spans per second that each backend took, by name. */
  readonly delivered: readonly { readonly backend: string; readonly level: number | null; readonly rate: readonly number[] }[]
  /** Spans per second, by the instant of the answer. */
  readonly acknowledged: readonly number[]
  readonly refused: readonly number[]
  /** Spans that were lost in the bucket. */
  readonly lost: readonly number[]
  /** The fullest that each queue was in each bucket, in units of its sizer. */
  readonly queues: readonly QueueSeries[]
}

export interface QueueSeries {
  readonly owner: string
  readonly signal: string
  readonly sizer: 'requests' | 'items' | 'bytes'
  readonly capacity: number
  readonly peak: readonly number[]
}

/** One loss, refusal, missing answer, duplicate or wait, named by its cause and the line of the config that has it. */
export interface Why {
  readonly kind: 'loss' | 'refusal' | 'unknown' | 'duplicate' | 'wait'
  /** A sentence that goes on after its count or its seconds: `until failover: otlp/primary waits for its timeout`. */
  readonly what: string
  /** Spans; null for a wait. */
  readonly count: number | null
  /** null for what is no wait. */
  readonly seconds: number | null
  /** The validate rule that says so; null when none does. */
  readonly rule: string | null
  readonly file: string | null
  readonly line: number | null
}

export interface Assertion {
  /** As it was given: `p95(failover_time) < 10s`. */
  readonly text: string
  readonly holds: boolean
  /** `failover_time was 75 s`. */
  readonly reason: string
}
