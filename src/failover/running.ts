import type { Deadlines, Waiting } from './deadlines.ts'
import { Failed } from './failure.ts'

/**
 * A client with a limit of its own knows whether anything was sent, and the engine does not: the client's limit ends so much
 * earlier, so that it is the one to say how the attempt failed.
 */
export const AHEAD_MS = 10
const AHEAD_SHARE = 0.05

/** One attempt under way. Its signal is made when somebody asks for it: most attempts never do. */
export class Running implements Waiting {
  readonly attempt: number
  readonly deadline: number
  readonly timeoutMs: number
  place = -1
  readonly #signalled: Set<Running>
  #controller: AbortController | undefined
  #giveUp: ((failure: Failed) => void) | undefined
  #leave: ((reason: unknown) => void) | undefined

  /** Whoever has asked for the signal is found in `signalled`, until `done`. */
  constructor(attempt: number, startedAt: number, timeoutMs: number, signalled: Set<Running>) {
    this.attempt = attempt
    this.timeoutMs = timeoutMs - Math.min(AHEAD_MS, AHEAD_SHARE * timeoutMs)
    this.deadline = startedAt + timeoutMs
    this.#signalled = signalled
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      this.#signalled.add(this)
    }
    return this.#controller.signal
  }

  abort(reason: unknown): void {
    this.#controller?.abort(reason)
  }

  done(): void {
    if (this.#controller !== undefined) this.#signalled.delete(this)
  }

  expire(): void {
    this.abort(new DOMException('no answer in time', 'TimeoutError'))
    this.#giveUp?.(new Failed('no-answer', 'no answer in time', { timedOut: true }))
  }

  /** An attempt that does not hear its signal must not keep its caller for ever. */
  abandon(reason: unknown): void {
    this.abort(reason)
    this.#leave?.(reason)
  }

  /** The work's end, a failure at the deadline, or the reason of the signal: whichever is first. */
  limited<T>(work: Promise<T | Failed>, deadlines: Deadlines, now: number, signal: AbortSignal | undefined): Promise<T | Failed> {
    return new Promise((resolve, reject) => {
      this.#giveUp = resolve
      this.#leave = reject
      const interrupt = () => {
        end()
        this.abort(signal?.reason)
        reject(signal?.reason)
      }
      const end = () => {
        deadlines.delete(this)
        signal?.removeEventListener('abort', interrupt)
      }
      deadlines.add(this, now)
      signal?.addEventListener('abort', interrupt, { once: true })
      work.then(
        value => {
          end()
          resolve(value)
        },
        error => {
          end()
          reject(error)
        },
      )
    })
  }
}
