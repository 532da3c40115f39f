import type { RetrySettings } from '../model/retry.ts'
import type { Expectation } from '../outage/measured.ts'

/** What can be done to a backend; the words of `chaos`. */
export const FAULT_KINDS = ['stop', 'pause', 'partition', 'latency', 'answer', 'disk-full'] as const
export type FaultKind = (typeof FAULT_KINDS)[number]

/** One fault of one backend, from `atMs` to just before `untilMs`, in milliseconds from the start of traffic. */
export interface Fault {
  readonly kind: FaultKind
  /** A resolved name. */
  readonly backend: string
  readonly atMs: number
  /** Infinity: to the end of the run. */
  readonly untilMs: number
  /** For `answer`: the HTTP status; over gRPC the code that stands for it. */
  readonly status?: number
  /** For `latency`: added to every answer. */
  readonly latencyMs?: number
}

/** The collector itself dies and comes back with empty memory. */
export interface Crash {
  /** `collector`: the process, as by `kill -9`. `machine`: what was not synced to disk is gone, too. */
  readonly what: 'collector' | 'machine'
  readonly atMs: number
  readonly downMs: number
}

/** What happens to a config, with every name resolved. Milliseconds, spans, bytes. */
export interface Scenario extends Expectation {
  readonly faults: readonly Fault[]
  readonly crashes: readonly Crash[]
  /** Spans per second. */
  readonly rate: number
  readonly spansPerRequest: number
  readonly spanBytes: number
  /** Traffic ends after so long; then queues may drain. */
  readonly durationMs: number
  readonly drainWithinMs: number
  /** undefined: what is refused or unanswered is not sent again. */
  readonly senderRetry: RetrySettings | undefined
  /** How long a sender waits for an answer. */
  readonly senderTimeoutMs: number
  /** From a request to its answer, when nothing is wrong. */
  readonly latencyMs: number
  readonly seed: number
  /** Further runs use the seeds that follow. */
  readonly runs: number
}
