import type { Limiter } from './limiter.ts'

/** Holds everything back between `pause` and `resume`; what is on its way comes to its end. */
export function pause(): Limiter & { paused: boolean } {
  const limiter = { paused: false, waitMs: () => (limiter.paused ? Number.POSITIVE_INFINITY : 0) }
  return limiter
}
