import type { Failed } from './failure.ts'

export type FailoverCode =
  /** The set is empty, or no endpoint has a weight above 0. */
  | 'NO_ENDPOINTS'
  /** There are some, and none may be used now. */
  | 'ALL_ENDPOINTS_DOWN'
  /** None may be used now, because of breakers alone. */
  | 'CIRCUIT_OPEN'
  | 'HEALTH_CHECK_FAILED'
  /** The deadline of the whole request passed. */
  | 'TIMEOUT'
  /** The tries or the budget for them are used up. */
  | 'RETRY_EXHAUSTED'
  /** Sent, and no answer: it may have been done, and the caller does not allow to send it twice. */
  | 'NO_ANSWER'
  /** An endpoint answered that this request will not do. */
  | 'REFUSED'
  | 'CLOSED'

/** Why `execute` or `check` gave no value. */
export class FailoverError extends Error {
  readonly code: FailoverCode
  /** The last attempt's, when there was one. */
  readonly failure: Failed | undefined
  /** When an endpoint may be asked again, as far as that is known. */
  readonly retryAfterMs: number | undefined

  constructor(
    code: FailoverCode,
    message: string,
    { failure, retryAfterMs }: { failure?: Failed | undefined; retryAfterMs?: number } = {},
  ) {
    super(message, failure === undefined ? undefined : { cause: failure.details.cause })
    this.name = 'FailoverError'
    this.code = code
    this.failure = failure
    this.retryAfterMs = retryAfterMs
  }
}
