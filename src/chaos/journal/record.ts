import type { Outcome } from '../../model/outcome.ts'
import type { Series } from '../../model/series.ts'
import type { RunEvent } from '../events.ts'
import type { Experiment } from '../experiment.ts'

/** The version of the journal's lines. */
export const JOURNAL_VERSION = 1

/** The first line of a run: what was about to happen. */
export interface JournalHeader {
  readonly kind: 'header'
  readonly journal: number
  /** ISO 8601, in UTC. */
  readonly started: string
  /** The same in milliseconds since 1970; traffic starts a moment later, at 0 s. */
  readonly started_ms: number
  readonly failoverctl: string
  readonly run: string
  readonly seed: number
  readonly target: string
  readonly config: string
  readonly collector_version: string
  /** Who started it, as far as the environment tells. */
  readonly by: { readonly user: string | null; readonly host: string | null; readonly job: string | null }
  readonly experiment: Experiment
}

/** How the run stood when a line was written. */
export interface Standing {
  /** Seconds from the start of traffic. */
  readonly at_s: number
  readonly level_now: number | null
  readonly sent: number
  readonly acknowledged: number
  readonly refused: number
  readonly unknown: number
}

/** What happened, as it happened. `sample` is written once a second where nothing else is. */
export type JournalEntry = (RunEvent | { readonly kind: 'sample'; readonly at_s: number }) & Standing

/** All that a run has come to. */
export interface RunResult {
  readonly outcome: Outcome
  /** What arrived when, where backends tell it. */
  readonly series: Series | null
  /** What was asked for, one line each. */
  readonly given: readonly string[]
}

/** The last line of a run: what came of it. */
export type JournalEnd = ({ readonly kind: 'outcome' } & RunResult) | { readonly kind: 'ended'; readonly why: string }

/** One run as its journal tells it. */
export interface RunRecord {
  readonly file: string
  readonly header: JournalHeader
  readonly entries: readonly JournalEntry[]
  /** undefined: the run was killed, or still goes on. */
  readonly end: JournalEnd | undefined
}
