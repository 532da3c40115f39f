import { type Clock, sleep } from '../core/clock.ts'
import { Histogram } from '../core/histogram.ts'
import type { Random } from '../core/random.ts'
import type { RetryBudget } from './budget.ts'
import { Deadlines } from './deadlines.ts'
import type { Endpoint } from './endpoint.ts'
import type { EventLog } from './events.ts'
import { type FailoverCode, FailoverError } from './failover-error.ts'
import { Failed, failureOfError, mayRepeat, type Repeat } from './failure.ts'
import type { Member } from './member.ts'
import type { Lease, Pool } from './pool.ts'
import { backoffMs, type RetrySettings } from './retry.ts'
import { AHEAD_MS, Running } from './running.ts'

/** What one request says of itself. */
export interface RequestSettings {
  /** Requests of one key go to one endpoint, where the strategy cares. */
  readonly key?: string | undefined
  /** Where it comes from, when not from the manager's own region. */
  readonly region?: string | undefined
  /** What may be sent again, or what says so after each attempt; the manager's `retry.repeat` by default. */
  readonly repeat?: Repeat | (() => Repeat) | undefined
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

export interface AttemptContext {
  /** From 1. */
  readonly attempt: number
  /** For clients with a limit of their own, which costs less than a signal: it ends just before the engine gives the attempt up. */
  readonly timeoutMs: number
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

/** Where a request stands between two attempts. */
interface Course {
  tried: readonly Member[]
  failure: Failed | undefined
  /** Attempts so far, and those of them that count as tries. */
  sent: number
  counted: number
}

/** Sends requests through a pool: the next endpoint after a failure, waits between tries, and an end to them. */
export class Executor {
  readonly counts = { requests: 0, successes: 0, failures: 0, failovers: 0, retries: 0, latencySumMs: 0 }
  readonly latency = new Histogram()
  /** Requests under way. */
  open = 0
  readonly #pool: Pool
  readonly #budget: RetryBudget
  readonly #settings: ExecutorSettings
  readonly #world: World
  readonly #events: EventLog
  readonly #deadlines: Deadlines
  readonly #signalled = new Set<Running>()
  /** Those that wait between two attempts, or for an endpoint. */
  readonly #pauses = new Set<AbortController>()
  #closed: unknown
  #drained: (() => void) | undefined

  constructor(pool: Pool, budget: RetryBudget, settings: ExecutorSettings, world: World, events: EventLog) {
    this.#pool = pool
    this.#budget = budget
    this.#settings = settings
    this.#world = world
    this.#events = events
    this.#deadlines = new Deadlines(world.clock, world.now)
  }

  /** The way of a request that works at once is one function with one wait: each more would double what it costs. */
  async run<T>(attempt: Attempt<T>, request: RequestSettings): Promise<T> {
    const startedAt = this.#world.now()
    const deadline = startedAt + (request.timeoutMs ?? this.#settings.timeoutMs)
    const course: Course = { tried: NONE, failure: undefined, sent: 0, counted: 0 }
    this.counts.requests++
    this.open++
    this.#budget.request(startedAt)
    try {
      for (let now = startedAt; ; now = this.#world.now()) {
        request.signal?.throwIfAborted()
        const lease =
          this.#pool.pick({ key: request.key, region: request.region, tried: course.tried, panic: false }, now) ??
          (await this.#waitForOne(request, deadline, course.failure))
        if (++course.sent > 1) this.#countRetry(lease, course.tried)
        const limitMs = Math.min(deadline - lease.startedAt, this.#settings.attemptTimeoutMs)
        const running = new Running(course.sent, lease.startedAt, limitMs, this.#signalled)
        let result: T | Failed
        try {
          const work = attempt(lease.endpoint, running)
          // Without a limit and a signal there is nothing to race: to watch for a close alone would cost a third of a request.
          result = await (work instanceof Promise && (running.deadline < Number.POSITIVE_INFINITY || request.signal)
            ? running.limited(work, this.#deadlines, lease.startedAt, request.signal)
            : work)
        } catch (error) {
          result = this.#judge(error, lease, request.signal)
        } finally {
          running.done()
        }
        const endedAt = this.#world.now()
        if (!(result instanceof Failed)) {
          this.#pool.end(lease, undefined, endedAt)
          this.#countSuccess(endedAt - startedAt)
          return result
        }
        this.#pool.end(lease, result, endedAt)
        await this.#beforeNext(course, result, lease, request, deadline)
      }
    } catch (error) {
      this.counts.failures++
      if (error instanceof FailoverError) this.#events.add({ type: 'request-failed', code: error.code, reason: error.message })
      throw error
    } finally {
      if (--this.open === 0) this.#drained?.()
    }
  }

  /** Waits until no request is under way, and no longer than that. */
  async drain(ms: number): Promise<void> {
    if (this.open === 0 || ms <= 0) return
    const over = new AbortController()
    const drained = new Promise<void>(resolve => {
      this.#drained = resolve
    })
    await Promise.race([drained, sleep(this.#world.clock, ms, over.signal).catch(() => {})])
    over.abort()
  }

  /** Ends every request under way, and tells its attempt to stop. */
  abort(reason: unknown): void {
    this.#closed = reason
    for (const pause of this.#pauses) pause.abort(reason)
    for (const running of this.#signalled) running.abort(reason)
    this.#deadlines.close(reason)
  }

  /** A failure of the network; anything else is thrown on. */
  #judge(error: unknown, lease: Lease, signal: AbortSignal | undefined): Failed {
    const failure = signal?.aborted ? undefined : failureOfError(error)
    if (failure) return failure
    this.#pool.release(lease, this.#world.now())
    throw error
  }

  /** Ends the request, or waits for as long as it must before the next attempt. */
  async #beforeNext(
    course: Course,
    failure: Failed,
    { member }: Lease,
    { repeat = this.#settings.retry.repeat, signal }: RequestSettings,
    deadline: number,
  ): Promise<void> {
    if (this.#closed !== undefined) throw this.#closed
    const now = this.#world.now()
    const over = failure.details.timedOut ? deadline - AHEAD_MS : deadline
    if (now >= over) throw stopped('TIMEOUT', 'the time for this request is over', failure)
    if (!mayRepeat(failure, typeof repeat === 'function' ? repeat() : repeat)) throw final(failure)
    course.failure = failure
    // A strategy of one's own need not take the others: to come back to one is a try that counts.
    const again = course.tried.includes(member)
    course.tried = [...course.tried, member]
    const other = !again && this.#pool.hasOther(course.tried, now)
    // All have failed it once: the next round avoids only the last one.
    if (!other) course.tried = [member]
    // Nothing was sent: another endpoint may have it at once, and no server has more to do for it.
    if (failure.kind === 'not-sent' && other) return
    if (++course.counted >= this.#settings.retry.tries) throw exhausted(failure, course.sent)
    if (!this.#budget.retry(now)) throw stopped('RETRY_EXHAUSTED', 'the budget for retries is spent', failure)
    await this.#backOff(course.counted, failure, other, deadline, signal)
  }

  /** Asks for an endpoint until patience or time is over. One that has failed this request will do, too. */
  async #waitForOne(request: RequestSettings, deadline: number, failure: Failed | undefined): Promise<Lease> {
    const { now } = this.#world
    const until = Math.min(now() + this.#settings.patienceMs, deadline)
    for (;;) {
      const lease = this.#pool.pick({ key: request.key, region: request.region }, now())
      if (lease) return lease
      const { code, retryAfterMs } = this.#pool.whyNone(now())
      const left = until - now()
      if (left <= 0) throw new FailoverError(code, REASONS[code] ?? code, { failure, retryAfterMs })
      // Checks and discovery may bring one sooner than the breakers say.
      await this.#pause(Math.max(1, Math.min(left, retryAfterMs, 100)), request.signal)
    }
  }

  async #backOff(
    counted: number,
    failure: Failed,
    other: boolean,
    deadline: number,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { now, random } = this.#world
    // What one endpoint asks for does not hold the request up when there is another.
    const waitMs = backoffMs(counted, this.#settings.retry, random, other ? 0 : failure.details.afterMs)
    if (now() + waitMs >= deadline) throw stopped('TIMEOUT', 'the next try would come after the time for this request', failure)
    await this.#pause(waitMs, signal)
  }

  /** Until then, or until the caller gives up or everything is closed. */
  async #pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted()
    const pause = new AbortController()
    const leave = () => pause.abort(signal?.reason)
    // Not AbortSignal.any: in Node 20 a signal that lives long keeps something of each.
    signal?.addEventListener('abort', leave, { once: true })
    this.#pauses.add(pause)
    try {
      await sleep(this.#world.clock, ms, pause.signal)
    } finally {
      signal?.removeEventListener('abort', leave)
      this.#pauses.delete(pause)
    }
  }

  #countSuccess(ms: number): void {
    this.counts.successes++
    this.counts.latencySumMs += ms
    this.latency.record(ms)
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
