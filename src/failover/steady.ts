import type { Clock } from '../core/clock.ts'

/** The clock's time, which goes on from where it was when the clock jumps back. */
export function steady(clock: Pick<Clock, 'now'>): () => number {
  let last = Number.NEGATIVE_INFINITY
  let ahead = 0
  return () => {
    let now = clock.now() + ahead
    if (now < last) {
      ahead += last - now
      now = last
    }
    last = now
    return now
  }
}
