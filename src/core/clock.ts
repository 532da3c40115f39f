/** Time is handed in. `adapters/clock.ts` has the real one; everything else is told. */
export interface Clock {
  /** Milliseconds from an arbitrary start, never going back. */
  now(): number
  /** Milliseconds since 1970, for timestamps inside telemetry. */
  epochMs(): number
  /** Runs `task` once after `ms`; the returned function takes it back. */
  timer(ms: number, task: () => void): () => void
}

/** Resolves after `ms`, or rejects with the signal's reason as soon as it aborts. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const abort = () => {
      cancel()
      reject(signal?.reason)
    }
    const cancel = clock.timer(ms, () => {
      signal?.removeEventListener('abort', abort)
      resolve()
    })
    signal?.addEventListener('abort', abort, { once: true })
  })
}

/** Time that moves only when told to. Timers due at the same instant run in the order in which they were set. */
export class VirtualClock implements Clock {
  #now = 0
  #timers: { at: number; task: () => void }[] = []

  now(): number {
    return this.#now
  }

  epochMs(): number {
    return this.#now
  }

  /** How many timers are still set: a test that ends with some has forgotten someone. */
  get pending(): number {
    return this.#timers.length
  }

  timer(ms: number, task: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, ms), task }
    const later = this.#timers.findIndex(({ at }) => at > timer.at)
    this.#timers.splice(later < 0 ? this.#timers.length : later, 0, timer)
    return () => {
      this.#timers = this.#timers.filter(other => other !== timer)
    }
  }

  /** Moves time on, lets every due timer run, and lets the promises it settles go on before the next one. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms
    for (;;) {
      await settled()
      const next = this.#timers[0]
      if (!next || next.at > until) break
      this.#timers.shift()
      this.#now = next.at
      next.task()
    }
    this.#now = until
  }
}

// Enough turns of the microtask queue for chains of awaits that need neither time nor I/O.
async function settled() {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve()
}
