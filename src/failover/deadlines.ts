import type { Clock } from '../core/clock.ts'

/** How far ahead the timer is set at most: when nobody waits any more it is gone as soon. */
const LONGEST_MS = 1000

export interface Waiting {
  /** In the time of the `now` that was handed in. */
  readonly deadline: number
  /** Where it stands among those who wait: Deadlines writes it. */
  place: number
  expire(): void
  /** Everything is closed. */
  abandon(reason: unknown): void
}

/**
 * One timer for all who wait for a deadline: one for each request would cost more than the rest of the request. They stand in an
 * array and not in a Set: a Set makes its table anew every few requests, and each table that was promoted holds all that was in it,
 * and the next table, until the next full collection. A proxy had six times as much to promote by that, and pauses twice as long.
 */
export class Deadlines {
  readonly #clock: Clock
  readonly #now: () => number
  /** Places from `#count` on are free. */
  readonly #waiting: (Waiting | undefined)[] = []
  #count = 0
  #cancel: (() => void) | undefined
  #timerAt = 0

  constructor(clock: Clock, now: () => number) {
    this.#clock = clock
    this.#now = now
  }

  add(one: Waiting, now: number): void {
    one.place = this.#count
    this.#waiting[this.#count++] = one
    if (one.deadline === Number.POSITIVE_INFINITY) return
    if (this.#cancel === undefined || one.deadline < this.#timerAt) this.#set(one.deadline, now)
  }

  delete(one: Waiting): void {
    const { place } = one
    if (this.#waiting[place] !== one) return
    const last = this.#waiting[--this.#count] as Waiting
    last.place = place
    this.#waiting[place] = last
    this.#waiting[this.#count] = undefined
  }

  /** Nobody waits any more. */
  close(reason: unknown): void {
    const waiting = this.#waiting.splice(0).slice(0, this.#count) as Waiting[]
    this.#count = 0
    this.#cancel?.()
    this.#cancel = undefined
    for (const one of waiting) one.abandon(reason)
  }

  #set(at: number, now: number): void {
    this.#cancel?.()
    this.#timerAt = Math.min(at, now + LONGEST_MS)
    this.#cancel = this.#clock.timer(this.#timerAt - now, () => this.#ring())
  }

  #ring(): void {
    this.#cancel = undefined
    const now = this.#now()
    const waiting = this.#waiting.slice(0, this.#count) as Waiting[]
    const late = waiting.filter(({ deadline }) => deadline <= now)
    // On a busy machine the limits of their clients are due in this turn, too, and are to be heard first.
    if (late.length > 0) this.#clock.timer(0, () => this.#expire(late))
    let next = Number.POSITIVE_INFINITY
    for (const { deadline } of waiting) if (deadline > now) next = Math.min(next, deadline)
    if (next < Number.POSITIVE_INFINITY) this.#set(next, now)
  }

  #expire(late: readonly Waiting[]): void {
    for (const one of late) {
      if (this.#waiting[one.place] !== one) continue
      this.delete(one)
      one.expire()
    }
  }
}
