import type { At } from '../source/value.ts'

/** What can be asked for; `flap` is `stop` again and again. Computed runs know some, each target of chaos others. */
export const ACTIONS = [
  'stop',
  'kill',
  'pause',
  'restart',
  'partition',
  'latency',
  'loss',
  'reject',
  'partial-success',
  'reset',
  'disk-full',
  'config',
  'flap',
  'crash',
  'node-loss',
] as const
export type Action = (typeof ACTIONS)[number]

/** One thing that is to happen, in a person's words and not yet held against a config. Times in milliseconds. */
export interface WishedFault {
  readonly action: Action
  /** A backend by any of its names; `collector` or `machine` for a crash. */
  readonly who: string
  /** undefined: a minute after the start of traffic; in a real run, once the state is steady. */
  readonly atMs?: number | undefined
  /** undefined: five minutes later (a crash: a second); in a real run, after the hold. Infinity: to the end. */
  readonly untilMs?: number | undefined
  /** In place of `untilMs`, where the start is not given: so long after it was made. */
  readonly lastsMs?: number | undefined
  readonly status?: number | undefined
  readonly latencyMs?: number | undefined
  /** The share of packets, requests or spans that it meets, above 0 to 1. */
  readonly share?: number | undefined
  /** For `config`: the file with what it is changed to. */
  readonly file?: string | undefined
  /** For `flap`: how long it is down each time; for `crash` and `restart`: until it is started again. */
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
