import { draw, spread } from './chance.ts'
import type { Failure } from './node.ts'

/** exporterhelper's `retry_on_failure` (core 0.161 config/configretry); a sender that tries again does it in the same way. */
export interface RetrySettings {
  readonly initialMs: number
  readonly maxMs: number
  /** 0 is for ever. */
  readonly maxElapsedMs: number
  readonly multiplier: number
  readonly randomization: number
}

/** How far the tries of one batch have come. */
export interface Attempt {
  readonly firstAt: number
  /** The interval before jitter that the next retry uses. */
  readonly intervalMs: number
}

export const firstAttempt = (retry: RetrySettings | undefined, now: number): Attempt => ({
  firstAt: now,
  intervalMs: retry?.initialMs ?? 0,
})

/** Without any wait a collector tries as fast as it can, and time would stand still here. */
const SHORTEST_MS = 1

/** When to try again and what is then the state, or undefined when the time is over; and the seed to go on with. */
export function nextAttempt(
  retry: RetrySettings,
  attempt: Attempt,
  failure: Failure,
  seed: number,
  now: number,
): { readonly again: { readonly at: number; readonly attempt: Attempt } | undefined; readonly seed: number } {
  const [chance, next] = draw(seed)
  const delay = Math.max(SHORTEST_MS, failure.retryAfterMs ?? 0, spread(attempt.intervalMs, retry.randomization, chance))
  if (retry.maxElapsedMs > 0 && now + delay > attempt.firstAt + retry.maxElapsedMs) return { again: undefined, seed: next }
  const intervalMs = Math.min(retry.maxMs, attempt.intervalMs * retry.multiplier)
  return { again: { at: now + delay, attempt: { firstAt: attempt.firstAt, intervalMs } }, seed: next }
}
