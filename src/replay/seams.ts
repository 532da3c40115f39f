import type { Verdict } from '../otlp/reply.ts'
import type { Signal } from '../otlp/signal.ts'
import type { Line } from './backup.ts'

/** Decides when the next request may go. Each `take` that resolves is followed by one `settled` for every attempt. */
export interface Throttle {
  /** Resolves when the request may be sent; rejects with the signal's reason. */
  take(request: TakenRequest, signal: AbortSignal): Promise<void>
  /** What became of it, from the first byte sent to the answer. */
  settled(verdict: Verdict, latencyMs: number): void
}

export interface TakenRequest {
  readonly bytes: number
  /** Spans, data points or log records. */
  readonly items: number
}

/**
 * Changes a line on its way, or says that it is not to be sent. One line in, one line out, in the same encoding;
 * whatever is parsed is parsed once for all the changes asked for, inside one transform.
 */
export type Transform = (line: Line) => Transformed

export type Transformed =
  | { readonly kind: 'same' }
  | { readonly kind: 'changed'; readonly bytes: Uint8Array; readonly items: number; readonly skippedItems: number }
  /** Filtered out whole: it counts as skipped. */
  | { readonly kind: 'skipped' }
  /** It cannot be read, so nobody can say whether it is wanted. */
  | { readonly kind: 'unreadable'; readonly reason: string }

/** Which lines this run is to send: the seam for `--shard`. Asked once a line, before it is read further. */
export type Mine = (file: string, from: number) => boolean

/** Before a line is sent: `--speed` waits here until its recorded time has come. Undefined when it has, and nothing is waited for. */
export type Pace = (line: Line, signal: AbortSignal) => Promise<void> | undefined

export interface Tally {
  readonly lines: number
  /** Spans, data points or log records. */
  readonly items: number
}

/** All that became of the backup. read = acknowledged + rejected + deadLettered + skipped + left, in items as in lines. */
export interface Summary {
  readonly files: { readonly found: number; readonly finished: number; readonly moved: number }
  /** By this run; what an earlier run settled is `before`. */
  readonly read: Tally
  readonly acknowledged: Tally
  /** Items that backends refused inside requests that they took (partial success). */
  readonly rejected: Tally
  readonly deadLettered: Tally
  /** Filtered out, or empty requests, which OTLP does not want sent. */
  readonly skipped: Tally
  /** Read, and not settled when the run ended: the next run sends it. */
  readonly left: Tally
  /** Bytes on disk that this run has not read. */
  readonly unreadBytes: number
  /** Items that were sent without an answer, and so again: each may have arrived once more than it should. */
  readonly possibleDuplicates: number
  readonly bySignal: Readonly<Record<Signal, number>>
  readonly requests: number
  readonly retries: number
  readonly bytes: number
  readonly elapsedMs: number
  readonly stopped: string | undefined
  /** Files that the system does not let us read, or not to their end: they stay, and nothing is known of what they hold. */
  readonly unreadable: readonly LeftFile[]
}

export interface LeftFile {
  readonly path: string
  /** Why. */
  readonly note: string
}

export const leftFile = (path: string, { message }: Error): LeftFile => ({ path, note: message.replace(`${path}: `, '') })

/** What happens during a run, for the progress display and `--json`. Backends are named by address without secrets. */
export type ReplayEvent =
  | {
      readonly kind: 'started'
      readonly files: readonly { readonly path: string; readonly bytes: number; readonly done: number }[]
    }
  | { readonly kind: 'file'; readonly path: string; readonly bytes: number }
  /** `bytes` of the file's own size. */
  | { readonly kind: 'read'; readonly path: string; readonly at: number; readonly lines: number; readonly items: number }
  | {
      readonly kind: 'answer'
      readonly endpoint: string
      readonly signal: Signal
      readonly verdict: Verdict
      readonly latencyMs: number
      readonly bytes: number
      readonly lines: number
      readonly items: number
    }
  | { readonly kind: 'waiting'; readonly endpoint: string; readonly reason: string; readonly ms: number }
  | {
      readonly kind: 'dead-letter'
      readonly path: string
      readonly offset: number
      readonly length: number
      readonly reason: string
    }
  | { readonly kind: 'rejected'; readonly endpoint: string; readonly items: number; readonly message: string }
  | { readonly kind: 'breaker'; readonly endpoint: string; readonly state: 'closed' | 'open' | 'half-open' }
  | { readonly kind: 'paused' | 'resumed'; readonly reason: string }
  | { readonly kind: 'finished'; readonly path: string; readonly to: string | undefined; readonly note?: string }
  | { readonly kind: 'ended'; readonly summary: Summary }

export type Observer = (event: ReplayEvent) => void
