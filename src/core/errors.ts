/**
 * Every way in which a command can be unable to do its work, with the exit code that says so.
 * A finding (a placebo config, a lost span) is data and never one of these.
 */
export const CODES = {
  'wrong-use': 2,
  'unknown-backend': 2,
  'no-such-file': 3,
  'is-a-directory': 3,
  unreadable: 3,
  unwritable: 3,
  'empty-file': 3,
  'binary-file': 3,
  'too-large': 3,
  'not-yaml': 3,
  'not-a-config': 3,
  'bad-reference': 3,
  'bad-project-file': 3,
  'bad-baseline': 3,
  'bad-kubeconfig': 3,
  'bad-proxy-file': 3,
  'bad-experiment': 3,
  'not-a-journal': 3,
  'not-a-summary': 3,
  'not-otlp': 3,
  'no-backup': 3,
  'port-in-use': 4,
  'cannot-listen': 4,
  'no-answer': 4,
  'no-access': 4,
  locked: 4,
  'not-embedded': 4,
  'no-process': 4,
  'left-over': 4,
  'other-config': 4,
  'no-such-tool': 4,
  'tool-failed': 4,
  'no-such-object': 4,
  conflict: 4,
  'rollout-running': 4,
  unfinished: 5,
  'refused-config': 1,
  bug: 70,
  interrupted: 130,
} as const

export type ErrorCode = keyof typeof CODES

/** The one error class: a sentence for a person, a code for a program, and what to do next. */
export class FailoverctlError extends Error {
  readonly code: ErrorCode
  /** What to do now, as one sentence; shown on its own line. */
  readonly hint: string | undefined

  constructor(code: ErrorCode, message: string, hint?: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'FailoverctlError'
    this.code = code
    this.hint = hint
  }

  get exit(): number {
    return CODES[this.code]
  }

  /** As it stands on standard error, with its last newline. */
  get report(): string {
    return `failoverctl: ${this.message}\n${this.hint ? `${this.hint}\n` : ''}`
  }
}

/** A table of all known kinds that TypeScript could not prove complete: a bug, never the user's fault. */
export const unreachable = (value: never): never => {
  throw new FailoverctlError('bug', `unexpected value ${JSON.stringify(value)}`)
}
