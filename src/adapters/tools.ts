import type { Options } from 'execa'
import { FailoverctlError } from '../core/errors.ts'
import type { ToolRun, Tools } from '../core/tools.ts'

const TIMEOUT_MS = 60_000
/** One that does not end when it is asked to is killed. */
const ENDS_WITHIN_MS = 5000
const LIMIT_BYTES = 64 * 1024 * 1024

const SHARED = {
  reject: false,
  stripFinalNewline: false,
  maxBuffer: LIMIT_BYTES,
  forceKillAfterDelay: ENDS_WITHIN_MS,
} satisfies Options

export const realTools: Tools = {
  async run([command = '', ...words], { input, timeoutMs = TIMEOUT_MS, signal, env } = {}) {
    // Most commands call no tool; those that do, pay for it.
    const { execa } = await import('execa')
    const result = await execa(command, words, {
      ...SHARED,
      ...(input === undefined ? { stdin: 'ignore' } : { input }),
      ...(signal && { cancelSignal: signal }),
      ...(env && { env }),
      timeout: timeoutMs,
      detached: true,
    })
    return answered(command, result)
  },

  async open([command = '', ...words], { env } = {}) {
    const { execa } = await import('execa')
    const running = execa(command, words, { ...SHARED, stdin: 'ignore', buffer: { stdout: false }, ...(env && { env }) })
    return {
      lines: running.iterable(),
      ended: running.then(result => answered(command, result)),
      async stop() {
        running.kill()
        await running
      },
    }
  },
}

/** What is read of a run of execa. */
interface Ended {
  readonly exitCode?: number | undefined
  readonly stdout?: unknown
  readonly stderr?: unknown
  readonly timedOut: boolean
  readonly code?: string | undefined
}

function answered(command: string, { exitCode, stdout, stderr, timedOut, code }: Ended): ToolRun {
  if (code === 'ENOENT' || code === 'EACCES') {
    const why = code === 'ENOENT' ? 'is not installed, or not in PATH' : 'may not be run'
    throw new FailoverctlError('no-such-tool', `${command} ${why}`, `Install ${command}, or name the folder in PATH.`)
  }
  return { code: exitCode, out: text(stdout), err: text(stderr), timedOut }
}

const text = (output: unknown): string => (typeof output === 'string' ? output : '')
