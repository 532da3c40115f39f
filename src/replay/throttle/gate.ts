import type { Clock } from '../../core/clock.ts'
import type { Verdict } from '../../otlp/reply.ts'
import type { TakenRequest, Throttle } from '../seams.ts'
import type { Limiter } from './limiter.ts'

interface Waiter {
  readonly request: TakenRequest
  readonly go: () => void
}

/** Lets requests through in the order in which they came, each as soon as every limiter agrees. */
export class Gate implements Throttle {
  readonly #limiters: readonly Limiter[]
  readonly #clock: Pick<Clock, 'now' | 'timer'>
  readonly #queue: Waiter[] = []
  #cancelTimer = () => {}

  constructor(limiters: readonly Limiter[], clock: Pick<Clock, 'now' | 'timer'>) {
    this.#limiters = limiters
    this.#clock = clock
  }

  take(request: TakenRequest, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason)
      const abort = () => {
        this.#queue.splice(this.#queue.indexOf(waiter), 1)
        reject(signal.reason)
        this.look()
      }
      const waiter: Waiter = {
        request,
        go: () => {
          signal.removeEventListener('abort', abort)
          resolve()
        },
      }
      signal.addEventListener('abort', abort, { once: true })
      this.#queue.push(waiter)
      if (this.#queue.length === 1) this.look()
    })
  }

  settled(verdict: Verdict, latencyMs: number): void {
    const now = this.#clock.now()
    for (const limiter of this.#limiters) limiter.settled?.(verdict, latencyMs, now)
    this.look()
  }

  /** To be called when a limiter has changed its mind by itself. */
  look(): void {
    this.#cancelTimer()
    this.#cancelTimer = () => {}
    for (let waiter = this.#queue[0]; waiter; waiter = this.#queue[0]) {
      const now = this.#clock.now()
      const { request, go } = waiter
      const wait = Math.max(...this.#limiters.map(limiter => limiter.waitMs(request, now)))
      if (wait > 0) {
        if (Number.isFinite(wait)) this.#cancelTimer = this.#clock.timer(wait, () => this.look())
        return
      }
      this.#queue.shift()
      for (const limiter of this.#limiters) limiter.went?.(request, now)
      go()
    }
  }
}
