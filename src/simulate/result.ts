import type { Assertion, Figures, Measure, Spread } from '../experiment/figures.ts'
import type { Outcome } from '../model/outcome.ts'
import type { QueueSeries, Series } from '../model/series.ts'

export type { QueueSeries, Series }

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

/** What was asserted holds; where nothing was, the failover went as it should. */
export const isFine = ({ assertions, outcome }: Pick<Simulation, 'assertions' | 'outcome'>): boolean =>
  assertions.length > 0 ? assertions.every(({ holds }) => holds) : outcome.verdict === 'held'
