import { type Clock, sleep } from '../core/clock.ts'

/** Waits for the schedule and for connections, and never longer than until `stop` or the end. */
export class Pace {
  #clock: Clock
  #stop: AbortSignal
  #end: number
  #free: number
  #connections: number
  #wake: () => void = () => {}
  #failure: { readonly error: unknown } | undefined

  constructor(clock: Clock, stop: AbortSignal, end: number, connections: number) {
    this.#clock = clock
    this.#stop = stop
    this.#end = end
    this.#free = connections
    this.#connections = connections
    stop.addEventListener('abort', () => this.#wake(), { once: true })
  }

  /** False when it is over before. */
  async until(dueAt: number): Promise<boolean> {
    const wait = dueAt - this.#clock.now()
    if (wait > 0) await sleep(this.#clock, wait, this.#stop).catch(() => {})
    return !this.#stop.aborted
  }

  /** False when it is over before one is free. */
  async connection(): Promise<boolean> {
    const isOver = () => this.#stop.aborted || this.#clock.now() >= this.#end
    if (this.#free === 0) {
      const cancel = Number.isFinite(this.#end) ? this.#clock.timer(this.#end - this.#clock.now(), () => this.#wake()) : () => {}
      while (this.#free === 0 && !isOver()) await this.#change()
      cancel()
    }
    if (this.#failure) throw this.#failure.error
    return !isOver()
  }

  track(request: Promise<void>): void {
    this.#free--
    const done = () => {
      this.#free++
      this.#wake()
    }
    request.then(done, error => {
      this.#failure ??= { error }
      done()
    })
  }

  async allAnswered(): Promise<void> {
    while (this.#free < this.#connections) await this.#change()
    if (this.#failure) throw this.#failure.error
  }

  #change(): Promise<void> {
    return new Promise(resolve => {
      this.#wake = resolve
    })
  }
}
