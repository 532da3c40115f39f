import { setMaxListeners } from 'node:events'
import type { Random } from '../core/random.ts'

export const environment = (): NodeJS.ProcessEnv => process.env

export const random: Random = Math.random

/** One Ctrl-C may come twice: from the terminal to the whole group, and passed on by npm or timeout. */
const SAME_PRESS_MS = 1000

/**
 * Aborts at the first Ctrl-C or SIGTERM, so that a command can undo what it did and leave by itself.
 * Another one, a second later or more, leaves at once.
 */
export function interruption(): AbortSignal {
  const controller = new AbortController()
  let firstAt: number | undefined
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      firstAt ??= performance.now()
      if (performance.now() - firstAt > SAME_PRESS_MS) leaveAtOnce()
      if (!controller.signal.aborted) controller.abort(new Error(signal))
    })
  }
  return controller.signal
}

const lastWords = new Set<() => string>()

export function onLeaving(say: () => string): () => void {
  lastWords.add(say)
  return () => void lastWords.delete(say)
}

function leaveAtOnce(): never {
  for (const say of lastWords) process.stderr.write(say())
  process.exit(130)
}

const WISHES = { pause: 'SIGUSR1', resume: 'SIGUSR2' } as const

/** Node would start its debugger at SIGUSR1, and end at SIGUSR2. Windows has neither. */
export function onPause(hear: (wish: 'pause' | 'resume') => void): () => void {
  if (process.platform === 'win32') return () => {}
  const listeners = (['pause', 'resume'] as const).map(wish => [WISHES[wish], () => hear(wish)] as const)
  for (const [signal, listener] of listeners) process.on(signal, listener)
  return () => {
    for (const [signal, listener] of listeners) process.off(signal, listener)
  }
}

/** Windows has no SIGHUP. */
export function onReload(hear: () => void): () => void {
  if (process.platform === 'win32') return () => {}
  process.on('SIGHUP', hear)
  return () => void process.off('SIGHUP', hear)
}

/** As many wait for one signal as there are requests in flight: Node would take that for a leak, and say so in between. */
export const expectManyListeners = (): void => setMaxListeners(0)

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
