import type { Clock } from '../core/clock.ts'
import { Failed } from './failure.ts'

/** One attempt under way. Its signal is made when somebody asks for it: most attempts never do. */
export class Running {
  readonly attempt: number
  #controller: AbortController | undefined
  #reason: { readonly error: unknown } | undefined

  constructor(attempt: number) {
    this.attempt = attempt
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#reason && !this.#controller.signal.aborted) this.#controller.abort(this.#reason.error)
    return this.#controller.signal
  }

  abort(error: unknown): void {
    this.#reason ??= { error }
    this.#controller?.abort(error)
  }

  /** The work's end, or a failure after `ms`, or the signal's reason: whichever is first. */
  limited<T>(
    work: () => T | Failed | Promise<T | Failed>,
    ms: number,
    clock: Clock,
    signal: AbortSignal | undefined,
  ): T | Failed | Promise<T | Failed> {
    if (ms === Number.POSITIVE_INFINITY && !signal) return work()
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        this.abort(signal?.reason)
        settle(() => reject(signal?.reason))
      }
      const cancel = clock.timer(Math.max(0, ms), () => {
        this.abort(new DOMException('no answer in time', 'TimeoutError'))
        settle(() => resolve(new Failed('no-answer', 'no answer in time', { timedOut: true })))
      })
      const settle = (end: () => void) => {
        cancel()
        signal?.removeEventListener('abort', giveUp)
        end()
      }
      signal?.addEventListener('abort', giveUp, { once: true })
      // An attempt that throws before its first await is an attempt that failed.
      Promise.resolve()
        .then(work)
        .then(
          value => settle(() => resolve(value)),
          error => settle(() => reject(error)),
        )
    })
  }
}
