import type { Clock } from '../core/clock.ts'

/** Spans that were sent within so long of each other share an instant. */
const PRECISION_MS = 5

/** When each span was sent: one entry for every few milliseconds, however many spans. */
export class SendTimes {
  #firsts: number[] = []
  #times: number[] = []
  #clock: Pick<Clock, 'now'>

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock
  }

  /** Now, spans from this number on are sent. */
  note(first: number): void {
    const now = this.#clock.now()
    if (now - (this.#times.at(-1) ?? Number.NEGATIVE_INFINITY) < PRECISION_MS) return
    this.#firsts.push(first)
    this.#times.push(now)
  }

  /** Clock milliseconds, at most 5 too early; undefined for a number that was not sent. */
  of(sequence: number): number | undefined {
    let [low, high] = [0, this.#firsts.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#firsts[middle] as number) <= sequence) low = middle + 1
      else high = middle
    }
    return this.#times[low - 1]
  }
}
