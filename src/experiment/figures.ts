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
  readonly verdict: 'held' | 'deviated' | 'unknown'
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

export interface Assertion {
  /** As it was given: `p95(failover_time) < 10s`. */
  readonly text: string
  readonly holds: boolean
  /** `failover_time was 75 s`. */
  readonly reason: string
}
