import type { Sample } from '../metrics/prometheus.ts'
import type { Check, LedgerSummary } from '../model/outcome.ts'
import type { SendLedger } from '../otlp/ledger.ts'
import type { Transition } from '../outage/measured.ts'
import type { PlannedFault } from './experiment.ts'

/** What happens in a run, in order; progress, probes, the journal and the trace of a run are all made of this. */
export type RunEvent = { readonly at_s: number } & (
  | { readonly kind: 'traffic-on' }
  | { readonly kind: 'steady'; readonly reached: boolean }
  | { readonly kind: 'fault'; readonly fault: PlannedFault }
  | { readonly kind: 'undone'; readonly fault: PlannedFault }
  | { readonly kind: 'level'; readonly level: number; readonly evidence: string }
  | { readonly kind: 'transition'; readonly transition: Transition }
  | { readonly kind: 'check'; readonly check: Check }
  | { readonly kind: 'draining' }
  | { readonly kind: 'drained'; readonly ledger: LedgerSummary }
  | { readonly kind: 'aborted'; readonly why: string }
)

/** What a listener may ask while a run goes on. */
export interface RunView {
  /** Seconds from the start of traffic. */
  now(): number
  readonly level: number | undefined
  /** Spans. */
  readonly sent: number
  readonly acknowledged: number
  readonly refused: number
  readonly unknown: number
  /** What the sender knows of each span so far. */
  readonly ledger: SendLedger
  /** The newest scrape of the collector; empty when it gave none. */
  readonly samples: readonly Sample[]
  /** The fullest that any queue has been, as a share of its capacity. */
  readonly peakQueue: number
}

/** Hears a run. It is waited for, so that what has to be known before a fault is known before it. */
export interface Observer {
  hear(event: RunEvent, view: RunView): void | Promise<void>
  /** What it has to say in the end; the verdict counts it. */
  checks?(): readonly Check[]
  /** Aborts, with a reason of one sentence, when the run has to end early. */
  readonly abort?: AbortSignal
  /** On every way out, once all faults are taken back. */
  close?(): void | Promise<void>
}
