import type { Clock } from '../core/clock.ts'
import type { Random } from '../core/random.ts'
import type { BreakerSettings, SavedBreaker } from './breaker.ts'
import { type BudgetSettings, RetryBudget } from './budget.ts'
import { CheckLoop, type CheckSettings, type Probe } from './check-loop.ts'
import type { Provider } from './discovery.ts'
import { endpoints as checkedEndpoints, type EndpointSettings } from './endpoint.ts'
import { EventLog } from './events.ts'
import { type Attempt, Executor, type RequestSettings } from './executor.ts'
import { FailoverError } from './failover-error.ts'
import type { Failed } from './failure.ts'
import type { Health, HealthSettings } from './health.ts'
import type { Member } from './member.ts'
import { type EndpointView, type Lease, Pool } from './pool.ts'
import { RETRY_DEFAULTS, type RetrySettings } from './retry.ts'
import { Sources } from './sources.ts'
import { steady } from './steady.ts'
import { type StrategySettings, strategyNamed } from './strategies/index.ts'
import type { Strategy } from './strategy.ts'

/** Times in milliseconds. Whatever is left out has its default. */
export interface ManagerSettings {
  /** A name of STRATEGIES, or one made by its function. Default: `active-passive`. */
  readonly strategy?: string | Strategy
  /** For a strategy that is given by name. */
  readonly strategySettings?: StrategySettings
  /** False: no breaker opens. */
  readonly breaker?: Partial<BreakerSettings> | false
  readonly retry?: Partial<RetrySettings>
  readonly budget?: Partial<BudgetSettings>
  readonly health?: Partial<HealthSettings>
  readonly checks?: Partial<CheckSettings>
  /** How long a better endpoint must have been well before requests go back to it; 30 s. Infinity: they stay. */
  readonly failBackMs?: number
  /** Do not believe the checks when no endpoint passes them; true. */
  readonly panic?: boolean
  /** A Retry-After is believed up to here; 60 s. */
  readonly maxPauseMs?: number
  /** Of a whole request with all its tries; 30 s. */
  readonly timeoutMs?: number
  /** Of one attempt; by default what is left of the whole. */
  readonly attemptTimeoutMs?: number
  /** How long a request waits for an endpoint when none may be used; 0. */
  readonly patienceMs?: number
  /** Events that are kept; 1000. */
  readonly maxEvents?: number
}

export interface ManagerWorld {
  readonly clock: Clock
  readonly random: Random
  /** Does one active check. Without it there are none. */
  readonly probe?: Probe
}

export interface ManagerStatistics {
  readonly requests: number
  readonly successes: number
  readonly failures: number
  readonly retries: number
  /** Retries that went to another endpoint. */
  readonly failovers: number
  /** Times that an endpoint came back. */
  readonly recoveries: number
  /** Of whole requests that succeeded. */
  readonly latencyMs: { readonly mean: number; readonly p50: number; readonly p99: number; readonly max: number }
}

/** Plain data: fit for JSON. */
export interface SavedManager {
  readonly savedAtEpochMs: number
  readonly breakers: Readonly<Record<string, SavedBreaker>>
}

const NEVER_OPENS: Partial<BreakerSettings> = { failures: Number.POSITIVE_INFINITY, failureRate: Number.POSITIVE_INFINITY }

/** Endpoints behind one door: `execute` sends a request to one of them, and to another when that fails. */
export class Manager {
  readonly events: EventLog
  readonly #pool: Pool
  readonly #executor: Executor
  readonly #sources: Sources
  readonly #checks: CheckLoop | undefined
  readonly #clock: Clock
  readonly #now: () => number
  readonly #closing = new AbortController()

  /** Throws `wrong-use` for endpoints or a strategy that cannot be. */
  constructor(endpoints: readonly EndpointSettings[], settings: ManagerSettings, { clock, random, probe }: ManagerWorld) {
    this.#clock = clock
    this.#now = steady(clock)
    const world = { clock, random, now: this.#now }
    this.events = new EventLog(settings.maxEvents ?? 1000, () => clock.epochMs())
    this.#pool = new Pool(poolSettings(settings), random, this.events)
    this.#executor = new Executor(this.#pool, new RetryBudget(settings.budget), executorSettings(settings), world, this.events)
    this.#checks = probe && new CheckLoop(settings.checks ?? {}, probe, world)
    this.#sources = new Sources(this.events, all => {
      this.#pool.update(all, this.#now())
      this.#checks?.follow(this.#pool.members)
    })
    this.setEndpoints(endpoints)
  }

  /** Replaces the endpoints that were given by hand. */
  setEndpoints(endpoints: readonly EndpointSettings[]): void {
    this.#sources.fixed(checkedEndpoints(endpoints))
  }

  /** Follows a provider until `close`. Resolves once it has found endpoints, or failed for the first time. */
  discover(provider: Provider): Promise<void> {
    return this.#sources.follow(provider, this.#closing.signal)
  }

  /**
   * Sends a request to an endpoint and, as far as `repeat` allows, to others until one takes it.
   * Throws a FailoverError, the signal's reason, or what the attempt threw that was no failure of the network.
   */
  execute<T>(attempt: Attempt<T>, request: RequestSettings = {}): Promise<T> {
    return this.#closing.signal.aborted ? Promise.reject(closed()) : this.#executor.run(attempt, request)
  }

  /** For a caller that sends by itself: leave for one request. It must be ended or released. */
  pick(request: Pick<RequestSettings, 'key' | 'region'> & { readonly tried?: readonly Member[] } = {}): Lease | undefined {
    return this.#pool.pick(request, this.#now())
  }

  /** The request has its end; without a failure it worked. */
  end(lease: Lease, failure?: Failed): void {
    this.#pool.end(lease, failure, this.#now())
  }

  /** The request says nothing about the endpoint. */
  release(lease: Lease): void {
    this.#pool.release(lease, this.#now())
  }

  /** Checks one endpoint now. Throws HEALTH_CHECK_FAILED with the reason when it does not pass. */
  async check(id: string): Promise<Health> {
    const member = this.#pool.find(id)
    if (!member || !this.#checks) {
      throw new FailoverError('HEALTH_CHECK_FAILED', member ? 'no check is set up' : `there is no endpoint ${id}`)
    }
    const { passed, reason } = await this.#checks.check(member)
    if (!passed) throw new FailoverError('HEALTH_CHECK_FAILED', `${id}: ${reason}`)
    return member.condition
  }

  /** Checks every endpoint now, where checks are set up, and says how each is. */
  async checkAll(): Promise<Map<string, Health>> {
    await Promise.all(this.#pool.members.map(member => this.#checks?.check(member)))
    return new Map(this.#pool.members.map(member => [member.endpoint.id, member.condition]))
  }

  /** No request goes to the endpoint until `rejoin`. False when there is no such endpoint. */
  isolate(id: string): boolean {
    return this.#byHand(id, ({ breaker }) => breaker.isolate())
  }

  rejoin(id: string): boolean {
    return this.#byHand(id, ({ breaker }) => breaker.rejoin(this.#now()))
  }

  endpoints(): EndpointView[] {
    return this.#pool.view()
  }

  /** The level that has the requests, 0 the best; -1 when none can take one. */
  level(): number {
    return this.#pool.level(this.#now())
  }

  statistics(): ManagerStatistics {
    const { counts, latency } = this.#executor
    const { latencySumMs, ...shown } = counts
    return {
      ...shown,
      recoveries: this.#pool.recoveries,
      latencyMs: {
        mean: counts.successes === 0 ? 0 : latencySumMs / counts.successes,
        p50: latency.percentile(0.5),
        p99: latency.percentile(0.99),
        max: latency.max,
      },
    }
  }

  save(): SavedManager {
    return { savedAtEpochMs: this.#clock.epochMs(), breakers: this.#pool.save(this.#now()) }
  }

  restore({ savedAtEpochMs, breakers }: SavedManager): void {
    this.#pool.restore(breakers, this.#now(), this.#clock.epochMs() - savedAtEpochMs)
  }

  /** Takes no request any more, waits up to `drainMs` for those under way, then aborts them; ends checks and discovery. */
  async close(drainMs = 0): Promise<void> {
    this.#closing.abort(closed())
    this.#checks?.close()
    await this.#executor.drain(drainMs)
    this.#executor.abort(closed())
    await this.#sources.ended()
  }

  #byHand(id: string, act: (member: Member) => void): boolean {
    const member = this.#pool.find(id)
    if (!member) return false
    act(member)
    member.refresh(this.#now())
    return true
  }
}

const closed = () => new FailoverError('CLOSED', 'the manager is closed')

const poolSettings = ({ strategy = 'active-passive', breaker = {}, ...settings }: ManagerSettings) => ({
  strategy: typeof strategy === 'string' ? strategyNamed(strategy, settings.strategySettings) : strategy,
  breaker: breaker === false ? NEVER_OPENS : breaker,
  health: settings.health ?? {},
  failBackMs: settings.failBackMs ?? 30_000,
  panic: settings.panic ?? true,
  maxPauseMs: settings.maxPauseMs ?? 60_000,
})

const executorSettings = ({ retry, timeoutMs, attemptTimeoutMs, patienceMs }: ManagerSettings) => ({
  retry: { ...RETRY_DEFAULTS, ...retry },
  timeoutMs: timeoutMs ?? 30_000,
  attemptTimeoutMs: attemptTimeoutMs ?? Number.POSITIVE_INFINITY,
  patienceMs: patienceMs ?? 0,
})
