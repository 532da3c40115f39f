import { FailoverctlError } from '../core/errors.ts'

/** Why a run ended before the end of the backup. */
export type StopCause =
  /** A person: Ctrl-C. */
  | 'interrupted'
  /** The checkpoint cannot be kept. */
  | 'no-checkpoint'
  /** The backend takes nothing from us: the token, the address, or another server in its place. */
  | 'not-taken'
  /** The backend refuses whatever it is sent, or nothing was acknowledged for too long. */
  | 'gave-up'

/** Ends a run: nothing more is sent, answers on their way are waited for. The first cause counts. */
export class Stop {
  readonly #controller = new AbortController()
  cause: StopCause | undefined
  reason: string | undefined

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** The disk is full, or forbids: ends the run. Any other error is thrown on. */
  cannotKeep(error: unknown): void {
    if (!(error instanceof FailoverctlError) || error.code !== 'unwritable') throw error
    this.now('no-checkpoint', error.message)
  }

  now(cause: StopCause, reason: string): void {
    if (this.cause !== undefined) return
    this.cause = cause
    this.reason = reason
    this.#controller.abort(new FailoverctlError('interrupted', reason))
  }
}
