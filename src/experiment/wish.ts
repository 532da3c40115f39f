import type { At } from '../source/value.ts'

/** What can be asked for; `flap` is `stop` again and again. The words of a chaos experiment. */
export const ACTIONS = ['stop', 'pause', 'partition', 'latency', 'reject', 'disk-full', 'flap', 'crash'] as const
export type Action = (typeof ACTIONS)[number]

/** One thing that is to happen, in a person's words and not yet held against a config. Times in milliseconds. */
export interface WishedFault {
  readonly action: Action
  /** A backend by any of its names; `collector` or `machine` for a crash. */
  readonly who: string
  /** undefined: a minute after the start of traffic. */
  readonly atMs?: number | undefined
  /** undefined: five minutes later (a crash: a second). Infinity: to the end. */
  readonly untilMs?: number | undefined
  readonly status?: number | undefined
  readonly latencyMs?: number | undefined
  readonly downMs?: number | undefined
  readonly upMs?: number | undefined
  /** As it was given, for messages: `--outage primary=60s..10m`, or the place in a file. */
  readonly said: string
}

/** What a person asks for; what is left open is decided from the config. */
export interface Wish {
  readonly title?: string | undefined
  readonly faults: readonly WishedFault[]
  /** Texts of assertions, and where they stand. */
  readonly claims: readonly { readonly text: string; readonly at?: At }[]
  /** Spans per second. */
  readonly traffic?: number | undefined
  readonly spansPerRequest?: number | undefined
  readonly spanBytes?: number | undefined
  readonly durationMs?: number | undefined
  readonly drainWithinMs?: number | undefined
  /** How long the sender tries again; undefined: it does not. */
  readonly senderRetryMs?: number | undefined
  readonly senderTimeoutMs?: number | undefined
  readonly failoverWithinMs?: number | undefined
  readonly recoverWithinMs?: number | undefined
  readonly maxLost?: number | undefined
  readonly seed?: number | undefined
  readonly runs?: number | undefined
}
