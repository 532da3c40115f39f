import type { Random } from '../core/random.ts'

export const environment = (): NodeJS.ProcessEnv => process.env

export const random: Random = Math.random

/**
 * Aborts at the first Ctrl-C or SIGTERM, so that a command can undo what it did and leave by itself.
 * A second one leaves at once.
 */
export function interruption(): AbortSignal {
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(130)
      controller.abort(new Error(signal))
    })
  }
  return controller.signal
}

/** Ends the process with this code once nothing is left to do; output that is still on its way is not cut off. */
export function leaveWith(exit: number): void {
  process.exitCode = exit
}

/** Output into a pipe whose reader has gone (`| head`) is no error of ours. */
export function forgiveClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(process.exitCode)
      throw error
    })
  }
}
