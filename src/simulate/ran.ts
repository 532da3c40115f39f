import type { Ledger, Losses } from './ledger.ts'
import type { Recorder } from './recorder.ts'

/** What a run tells while it runs. */
export interface Watcher {
  /** The connector's gauge. */
  level(connector: string, level: number, at: number): void
  /** A backend takes the data of a request. */
  taken(backend: string, request: number, at: number): void
  dialed(exporter: string, ok: boolean, at: number): void
}

export interface Ran {
  readonly ledger: ReturnType<Ledger['summary']>['ledger']
  readonly losses: readonly Losses[]
  /** Why senders were refused, with spans. */
  readonly refusals: ReadonlyMap<string, number>
  /** Why requests have no answer, with spans. */
  readonly unanswered: ReadonlyMap<string, number>
  readonly recorder: Recorder
  /** Model steps that were computed, and requests that were not: their stretch was quiet. */
  readonly steps: number
  readonly skipped: number
  readonly endedAtMs: number
}
