import type { Failure } from '../model/node.ts'
import { type Attempt, firstAttempt, nextAttempt } from '../model/retry.ts'
import type { Scenario } from './scenario.ts'

/** Why a request is left: its sender has waited for long enough. */
export const NO_ANSWER = 'no answer in time'

/** One try of a request. */
export interface SentRequest {
  readonly index: number
  readonly deadline: number
  readonly attempt: Attempt
  /** It has its answer, or nobody waits for it any more. */
  isDone: boolean
}

/** Sends at a steady pace, whatever comes of it, and tries again if it is one that does. */
export class Sender {
  /** Why requests were refused for good, with spans. */
  readonly refusals = new Map<string, number>()
  /** Why requests have no answer and are not sent again, with spans. */
  readonly unanswered = new Map<string, number>()
  sent = 0
  readonly #scenario: Scenario
  /** In the order of their deadlines; those before `#first` are settled. */
  #waiting: SentRequest[] = []
  #first = 0
  #seed: number

  constructor(scenario: Scenario) {
    this.#scenario = scenario
    this.#seed = scenario.seed
  }

  get nextAt(): number {
    return this.#at(this.sent)
  }

  /** The time between two requests. */
  get gapMs(): number {
    return (this.#scenario.spansPerRequest / this.#scenario.rate) * 1000
  }

  /** Whether nobody waits for an answer. */
  get isIdle(): boolean {
    return this.nextTimeoutAt === Number.POSITIVE_INFINITY
  }

  get nextTimeoutAt(): number {
    for (let next = this.#waiting[this.#first]; next; next = this.#waiting[++this.#first]) if (!next.isDone) return next.deadline
    if (this.#first > 0) {
      this.#waiting = []
      this.#first = 0
    }
    return Number.POSITIVE_INFINITY
  }

  next(now: number): SentRequest {
    return this.#request(this.sent++, firstAttempt(this.#scenario.senderRetry, now), now)
  }

  /** The next `count` requests go without being looked at. */
  skip(count: number): void {
    this.sent += count
  }

  await(request: SentRequest): void {
    this.#waiting.push(request)
  }

  timedOut(): SentRequest | undefined {
    return this.nextTimeoutAt === Number.POSITIVE_INFINITY ? undefined : this.#waiting[this.#first++]
  }

  /** All that still wait for an answer: their connections are gone. */
  takeAll(): SentRequest[] {
    const open = this.#waiting.slice(this.#first).filter(({ isDone }) => !isDone)
    this.#waiting = []
    this.#first = 0
    return open
  }

  /** The next try, when there is one. */
  again(request: SentRequest, failure: Failure, now: number): { readonly at: number; readonly request: SentRequest } | undefined {
    const { senderRetry } = this.#scenario
    if (!senderRetry || failure.permanent) return undefined
    const { again, seed } = nextAttempt(senderRetry, request.attempt, failure, this.#seed, now)
    this.#seed = seed
    if (!again) return undefined
    return { at: again.at, request: this.#request(request.index, again.attempt, again.at) }
  }

  refuse(error: string, spans: number): void {
    this.refusals.set(error, (this.refusals.get(error) ?? 0) + spans)
  }

  leaveOpen(error: string, spans: number): void {
    this.unanswered.set(error, (this.unanswered.get(error) ?? 0) + spans)
  }

  #at(index: number): number {
    return index * this.gapMs
  }

  #request(index: number, attempt: Attempt, at: number): SentRequest {
    return { index, deadline: at + this.#scenario.senderTimeoutMs, attempt, isDone: false }
  }
}
