/**
 * How an attempt can fail. The difference decides whether the request may go elsewhere:
 * `not-sent` was surely never seen, `no-answer` may have been done, `try-later` was turned away and may be repeated,
 * `refused` would be refused everywhere and says nothing bad about the endpoint.
 */
export type FailureKind = 'not-sent' | 'no-answer' | 'try-later' | 'refused'

export interface FailureDetails {
  /** The endpoint wants to be left alone for so long. */
  readonly afterMs?: number | undefined
  readonly timedOut?: boolean
  /** It cannot be sent again, whatever the caller allows: its body is gone. */
  readonly final?: boolean
  readonly status?: number
  /** What the attempt threw, or the answer that it got. */
  readonly cause?: unknown
}

/** What an attempt returns instead of its value when it failed. */
export class Failed {
  readonly kind: FailureKind
  readonly reason: string
  readonly details: FailureDetails

  constructor(kind: FailureKind, reason: string, details: FailureDetails = {}) {
    this.kind = kind
    this.reason = reason
    this.details = details
  }
}

/** What may be sent again, said by the caller: only what was never sent, also what the server turned away, or anything. */
export type Repeat = 'unsent' | 'told' | 'always'

export const mayRepeat = ({ kind, details }: Failed, repeat: Repeat): boolean =>
  !details.final &&
  (kind === 'not-sent' || (kind === 'try-later' && repeat !== 'unsent') || (kind === 'no-answer' && repeat === 'always'))

/** The statuses that ask for another try when nobody says otherwise. OTLP adds 429. */
export const RETRIABLE_STATUSES: readonly number[] = [502, 503, 504]

/** What an HTTP status says; undefined when it is a success. */
export function failureOfStatus(status: number, afterMs?: number, retriable = RETRIABLE_STATUSES): Failed | undefined {
  if (status < 400) return undefined
  const again = retriable.includes(status)
  return new Failed(again ? 'try-later' : 'refused', `HTTP status ${status}`, { status, afterMs: again ? afterMs : undefined })
}

const NOT_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'UND_ERR_CONNECT_TIMEOUT',
])
const NO_ANSWER = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'UND_ERR_SOCKET', 'ERR_STREAM_PREMATURE_CLOSE'])
const TIMED_OUT = new Set(['ETIMEDOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ABORT_ERR'])

/**
 * What a thrown error says, by the codes of Node and undici (also in its `cause`, where fetch puts them).
 * An error that no network made is a bug of the attempt: undefined, and it is thrown on.
 */
export function failureOfError(error: unknown): Failed | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    const code = 'code' in at ? String(at.code) : ''
    if (NOT_SENT.has(code)) return new Failed('not-sent', code, { cause: error })
    if (NO_ANSWER.has(code)) return new Failed('no-answer', code, { cause: error })
    if (TIMED_OUT.has(code) || at.name === 'TimeoutError' || at.name === 'AbortError') {
      return new Failed('no-answer', 'no answer in time', { timedOut: true, cause: error })
    }
  }
  return undefined
}
