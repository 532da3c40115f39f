import { type Clock, sleep } from '../core/clock.ts'
import { Histogram } from '../core/histogram.ts'
import type { Random } from '../core/random.ts'
import type { RetryBudget } from './budget.ts'
import type { Endpoint } from './endpoint.ts'
import { type FailoverCode, FailoverError } from './failover-error.ts'
import { Failed, failureOfError, mayRepeat, type Repeat } from './failure.ts'
import type { Member } from './member.ts'
import type { Lease, Pool } from './pool.ts'
import { backoffMs, type RetrySettings } from './retry.ts'
import { Running } from './running.ts'

/** What one request says of itself. */
export interface RequestSettings {
  /** Requests of one key go to one endpoint, where the strategy cares. */
  readonly key?: string | undefined
  /** Where it comes from, when not from the manager's own region. */
  readonly region?: string | undefined
  /** What may be sent again; the manager's `retry.repeat` by default. */
  readonly repeat?: Repeat | undefined
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

export interface AttemptContext {
  /** From 1. */
  readonly attempt: number
  /** Aborts when the attempt has lost its time, the caller has given up, or the manager closes. */
  readonly signal: AbortSignal
}

/** One attempt at one endpoint: the value, or how it failed. What it throws is judged by `failureOfError`. */
export type Attempt<T> = (endpoint: Endpoint, context: AttemptContext) => T | Failed | Promise<T | Failed>

export interface ExecutorSettings {
  readonly retry: RetrySettings
  /** Of a whole request with all its tries. */
  readonly timeoutMs: number
  readonly attemptTimeoutMs: number
  /** How long a request waits for an endpoint when none may be used. */
  readonly patienceMs: number
}

interface World {
  readonly clock: Clock
  readonly random: Random
  readonly now: () => number
}

const NONE: readonly Member[] = []

/** Sends requests through a pool: the next endpoint after a failure, waits between tries, and an end to them. */
export class Executor {
  readonly counts = { requests: 0, successes: 0, failures: 0, failovers: 0, retries: 0, latencySumMs: 0 }
  readonly latency = new Histogram()
  /** Requests under way. */
  open = 0
  readonly #running = new Set<Running>()
  readonly #pool: Pool
  readonly #budget: RetryBudget
  readonly #settings: ExecutorSettings
  readonly #world: World

  constructor(pool: Pool, budget: RetryBudget, settings: ExecutorSettings, world: World) {
    this.#pool = pool
    this.#budget = budget
    this.#settings = settings
    this.#world = world
  }

  async run<T>(attempt: Attempt<T>, request: RequestSettings): Promise<T> {
    const startedAt = this.#world.now()
    this.counts.requests++
    this.open++
    this.#budget.request(startedAt)
    try {
      const value = await this.#tries(attempt, request, startedAt)
      const ms = this.#world.now() - startedAt
      this.counts.successes++
      this.counts.latencySumMs += ms
      this.latency.record(ms)
      return value
    } catch (error) {
      this.counts.failures++
      throw error
    } finally {
      this.open--
    }
  }

  /** Tells every attempt under way to stop. */
  abort(reason: unknown): void {
    for (const running of this.#running) running.abort(reason)
  }

  async #tries<T>(attempt: Attempt<T>, request: RequestSettings, startedAt: number): Promise<T> {
    const { key, region, signal, repeat = this.#settings.retry.repeat } = request
    const deadline = startedAt + (request.timeoutMs ?? this.#settings.timeoutMs)
    let tried = NONE
    let failure: Failed | undefined
    for (let counted = 0, sent = 1; ; sent++) {
      signal?.throwIfAborted()
      const lease = this.#pool.pick({ key, region, tried }, this.#world.now()) ?? (await this.#wait(request, deadline, failure))
      if (sent > 1) this.#countRetry(lease, tried)
      const result = await this.#attempt(attempt, lease, sent, deadline, signal)
      if (!(result instanceof Failed)) return result
      failure = result
      const now = this.#world.now()
      if (now >= deadline) throw stopped('TIMEOUT', 'the time for this request is over', failure)
      if (!mayRepeat(failure, repeat)) throw final(failure)
      tried = [...tried, lease.member]
      const other = this.#pool.hasOther(tried, now)
      // All have failed it once: the next round avoids only the last one.
      if (!other) tried = [lease.member]
      // Nothing was sent: another endpoint may have it at once, and no server has more to do for it.
      if (failure.kind === 'not-sent' && other) continue
      if (++counted >= this.#settings.retry.tries) throw exhausted(failure, sent)
      if (!this.#budget.retry(now)) throw stopped('RETRY_EXHAUSTED', 'the budget for retries is spent', failure)
      await this.#backOff(counted, failure, other, deadline, signal)
    }
  }

  async #attempt<T>(
    attempt: Attempt<T>,
    lease: Lease,
    sent: number,
    deadline: number,
    signal: AbortSignal | undefined,
  ): Promise<T | Failed> {
    const { now, clock } = this.#world
    const running = new Running(sent)
    const limitMs = Math.min(this.#settings.attemptTimeoutMs, deadline - lease.startedAt)
    this.#running.add(running)
    try {
      const result = await running.limited(() => attempt(lease.endpoint, running), limitMs, clock, signal)
      this.#pool.end(lease, result instanceof Failed ? result : undefined, now())
      return result
    } catch (error) {
      const failure = signal?.aborted ? undefined : failureOfError(error)
      if (failure) this.#pool.end(lease, failure, now())
      else this.#pool.release(lease, now())
      if (failure) return failure
      throw error
    } finally {
      this.#running.delete(running)
    }
  }

  /** Asks for an endpoint until patience or time is over. One that has failed this request will do, too. */
  async #wait(request: RequestSettings, deadline: number, failure: Failed | undefined): Promise<Lease> {
    const { now, clock } = this.#world
    const until = Math.min(now() + this.#settings.patienceMs, deadline)
    for (;;) {
      const lease = this.#pool.pick({ key: request.key, region: request.region }, now())
      if (lease) return lease
      const { code, retryAfterMs } = this.#pool.whyNone(now())
      const left = until - now()
      if (left <= 0) throw new FailoverError(code, REASONS[code] ?? code, { failure, retryAfterMs })
      // Checks and discovery may bring one sooner than the breakers say.
      await sleep(clock, Math.max(1, Math.min(left, retryAfterMs, 100)), request.signal)
    }
  }

  async #backOff(
    counted: number,
    failure: Failed,
    other: boolean,
    deadline: number,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { now, clock, random } = this.#world
    // What one endpoint asks for does not hold the request up when there is another.
    const waitMs = backoffMs(counted, this.#settings.retry, random, other ? 0 : failure.details.afterMs)
    if (now() + waitMs >= deadline) throw stopped('TIMEOUT', 'the next try would come after the time for this request', failure)
    await sleep(clock, waitMs, signal)
  }

  #countRetry({ member }: Lease, tried: readonly Member[]): void {
    this.counts.retries++
    if (member !== tried.at(-1)) this.counts.failovers++
  }
}

const REASONS: Partial<Record<FailoverCode, string>> = {
  NO_ENDPOINTS: 'there is no endpoint',
  ALL_ENDPOINTS_DOWN: 'no endpoint is well',
  CIRCUIT_OPEN: 'the breaker of every endpoint is open',
}

const stopped = (code: FailoverCode, why: string, failure: Failed) =>
  new FailoverError(code, `${why}; last: ${failure.reason}`, { failure })

const exhausted = (failure: Failed, sent: number) =>
  stopped('RETRY_EXHAUSTED', `given up after ${sent} ${sent === 1 ? 'try' : 'tries'}`, failure)

function final(failure: Failed): FailoverError {
  if (failure.kind === 'refused') return new FailoverError('REFUSED', failure.reason, { failure })
  if (failure.kind === 'no-answer') return stopped('NO_ANSWER', 'it may have arrived, and may not be sent twice', failure)
  return stopped('RETRY_EXHAUSTED', 'it may not be sent twice', failure)
}
