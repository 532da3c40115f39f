import type { Limiter } from './limiter.ts'

/** One request at a time, and a rest after each answer: what a script with `curl` and `sleep` does. */
export function delay(ms: number): Limiter {
  let busy = false
  let restUntil = Number.NEGATIVE_INFINITY
  return {
    waitMs: (_, now) => (busy ? Number.POSITIVE_INFINITY : Math.max(0, restUntil - now)),
    went() {
      busy = true
    },
    settled(_verdict, _latencyMs, now) {
      busy = false
      restUntil = now + ms
    },
  }
}
