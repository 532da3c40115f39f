import type { Limiter } from './limiter.ts'

/** No more than `most` requests without an answer. */
export function concurrency(most: number): Limiter {
  let inFlight = 0
  return {
    waitMs: () => (inFlight < most ? 0 : Number.POSITIVE_INFINITY),
    went() {
      inFlight++
    },
    settled() {
      inFlight--
    },
  }
}
