import type { VirtualClock } from '../../../src/core/clock.ts'
import type { Random } from '../../../src/core/random.ts'
import type { Verdict } from '../../../src/otlp/reply.ts'

/** A queue with `servers` workers, exponential or constant service times, and perhaps a limit that it answers with 429. */
export class ModelledBackend {
  servers: number
  serviceMs: number
  /** Requests in the house, above which it answers 429 at once. */
  limit = Number.POSITIVE_INFINITY
  /** Answers 503 at once. */
  down = false
  readonly noisy: boolean
  readonly #clock: VirtualClock
  readonly #random: Random
  #busy = 0
  readonly #waiting: (() => void)[] = []

  constructor(clock: VirtualClock, random: Random, servers: number, serviceMs: number, noisy = true) {
    this.#clock = clock
    this.#random = random
    this.servers = servers
    this.serviceMs = serviceMs
    this.noisy = noisy
  }

  /** Its own work for somebody else: the live traffic that it must not be kept from. */
  get load(): number {
    return this.#busy + this.#waiting.length
  }

  handle(answer: (verdict: Verdict) => void): void {
    const refuse = (status: number) =>
      answer({ kind: 'try-later', reason: `HTTP status ${status}`, afterMs: undefined, notSent: false, status })
    if (this.down) this.#clock.timer(1, () => refuse(503))
    else if (this.load >= this.limit) this.#clock.timer(1, () => refuse(429))
    else {
      this.#waiting.push(() => answer({ kind: 'accepted', rejected: 0 }))
      this.#work()
    }
  }

  #work(): void {
    while (this.#busy < this.servers && this.#waiting.length > 0) {
      const done = this.#waiting.shift() as () => void
      this.#busy++
      const ms = this.noisy ? -Math.log(1 - this.#random()) * this.serviceMs : this.serviceMs
      this.#clock.timer(ms, () => {
        this.#busy--
        done()
        this.#work()
      })
    }
  }
}
