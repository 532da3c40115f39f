import type { Clock } from '../core/clock.ts'

/** How far ahead the timer is set at most: when nobody waits any more it is gone as soon. */
const LONGEST_MS = 1000

export interface Waiting {
  /** In the time of the `now` that was handed in. */
  readonly deadline: number
  expire(): void
}

/** One timer for all who wait for a deadline: one for each request would cost more than the rest of the request. */
export class Deadlines {
  readonly #clock: Clock
  readonly #now: () => number
  readonly #waiting = new Set<Waiting>()
  #cancel: (() => void) | undefined
  #timerAt = 0

  constructor(clock: Clock, now: () => number) {
    this.#clock = clock
    this.#now = now
  }

  add(one: Waiting, now: number): void {
    this.#waiting.add(one)
    if (this.#cancel === undefined || one.deadline < this.#timerAt) this.#set(one.deadline, now)
  }

  delete(one: Waiting): void {
    this.#waiting.delete(one)
  }

  /** Nobody is told any more. */
  close(): void {
    this.#waiting.clear()
    this.#cancel?.()
    this.#cancel = undefined
  }

  #set(at: number, now: number): void {
    this.#cancel?.()
    this.#timerAt = Math.min(at, now + LONGEST_MS)
    this.#cancel = this.#clock.timer(this.#timerAt - now, () => this.#ring())
  }

  #ring(): void {
    this.#cancel = undefined
    const now = this.#now()
    let next = Number.POSITIVE_INFINITY
    for (const one of [...this.#waiting]) {
      if (one.deadline > now) next = Math.min(next, one.deadline)
      else {
        this.#waiting.delete(one)
        one.expire()
      }
    }
    if (this.#waiting.size > 0 && this.#cancel === undefined) this.#set(next, now)
  }
}
