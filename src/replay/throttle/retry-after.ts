import type { Limiter } from './limiter.ts'

/** A server that says when it wants to be asked again is left alone until then: by every request, not only by the one it answered. */
export function retryAfter(): Limiter & { readonly until: number } {
  let until = Number.NEGATIVE_INFINITY
  return {
    get until() {
      return until
    },
    waitMs: (_, now) => Math.max(0, until - now),
    settled(verdict, _latencyMs, now) {
      if (verdict.kind === 'try-later' && verdict.afterMs !== undefined) until = Math.max(until, now + verdict.afterMs)
    },
  }
}
