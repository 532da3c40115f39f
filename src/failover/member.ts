import type { Random } from '../core/random.ts'
import { Breaker, type BreakerSettings } from './breaker.ts'
import type { Endpoint } from './endpoint.ts'
import type { Happening } from './events.ts'
import type { Failed } from './failure.ts'
import { type Health, HealthRecord, type HealthSettings } from './health.ts'

/** Of one endpoint. Latencies in milliseconds, of requests that were answered. */
export interface EndpointStatistics {
  requests: number
  successes: number
  failures: { 'not-sent': number; 'no-answer': number; 'try-later': number; refused: number }
  /** Times that its breaker closed again or its health came back. */
  recoveries: number
  answered: number
  latencySumMs: number
  latencyMaxMs: number
}

export interface MemberSettings {
  readonly breaker: Partial<BreakerSettings>
  readonly health: Partial<HealthSettings>
  /** A Retry-After is believed up to here. */
  readonly maxPauseMs: number
}

/** How fast the averages follow: a new value has this weight. */
const LATENCY_WEIGHT = 0.2
const SUCCESS_WEIGHT = 0.1

const RANKS: Readonly<Record<Health, number>> = { healthy: 0, unknown: 1, degraded: 2, unhealthy: 3 }

/** An endpoint with all that is known of it. `availableAt` is kept up to date, so that to choose is to compare numbers. */
export class Member {
  endpoint: Endpoint
  readonly breaker: Breaker
  readonly health: HealthRecord
  readonly statistics: EndpointStatistics = {
    requests: 0,
    successes: 0,
    failures: { 'not-sent': 0, 'no-answer': 0, 'try-later': 0, refused: 0 },
    recoveries: 0,
    answered: 0,
    latencySumMs: 0,
    latencyMaxMs: 0,
  }
  inFlight = 0
  /** Moving averages. */
  latencyMs = 0
  successRate = 1
  /** 0 healthy, 1 unknown, 2 degraded, 3 unhealthy. */
  rank = 1
  /** From then on it takes requests; and without regard to its checks. Infinity: not before something happens. */
  availableAt = 0
  triableAt = 0
  /** Since when its breaker is closed and its checks pass; Infinity when they are not. */
  steadySince: number
  readonly #maxPauseMs: number
  #pausedUntil = 0

  constructor(
    endpoint: Endpoint,
    { breaker, health, maxPauseMs }: MemberSettings,
    random: Random,
    now: number,
    tell: (happening: Happening) => void,
  ) {
    this.endpoint = endpoint
    this.#maxPauseMs = maxPauseMs
    this.steadySince = now
    this.breaker = new Breaker(breaker, random, (to, cause) => {
      if (to === 'closed') this.statistics.recoveries++
      tell({ type: 'breaker-changed', endpoint: this.endpoint.id, to, cause })
    })
    this.health = new HealthRecord(health, (to, from, cause) => {
      if (from === 'unhealthy') this.statistics.recoveries++
      tell({ type: 'health-changed', endpoint: this.endpoint.id, from, to, cause })
    })
    this.describe(endpoint, now)
  }

  /** Takes on what discovery says of it by now. */
  describe(endpoint: Endpoint, now: number): void {
    this.endpoint = endpoint
    if (endpoint.health) this.health.told(endpoint.health, 'the registry')
    this.refresh(now)
  }

  /** As a person sees it: what the breaker knows counts as well as what the checks say. */
  get condition(): Health {
    const { state } = this.breaker
    if (state === 'open' || state === 'isolated') return 'unhealthy'
    if (state === 'half-open' && this.health.state !== 'unhealthy') return 'degraded'
    return this.health.state
  }

  /** A ticket for one request. */
  take(now: number): number {
    const ticket = this.breaker.take(now)
    if (ticket === 0) return 0
    this.inFlight++
    this.statistics.requests++
    if (this.breaker.state !== 'closed') this.refresh(now)
    return ticket
  }

  /** The end of a request; `undefined` is a success. */
  end(ticket: number, failure: Failed | undefined, startedAt: number, now: number): void {
    const worked = failure === undefined || failure.kind === 'refused'
    this.inFlight--
    if (failure) this.statistics.failures[failure.kind]++
    else this.statistics.successes++
    if (failure === undefined || failure.kind === 'refused' || failure.kind === 'try-later') this.#answered(now - startedAt)
    this.successRate += SUCCESS_WEIGHT * ((worked ? 1 : 0) - this.successRate)
    const pauseMs = failure?.details.afterMs
    if (pauseMs === undefined || pauseMs <= 0) this.breaker.record(ticket, worked, now)
    else this.#pause(ticket, pauseMs, now)
    this.health.request(worked)
    this.refresh(now)
  }

  /** The request was given up by its caller, which says nothing about the endpoint. */
  release(ticket: number, now: number): void {
    this.inFlight--
    this.breaker.release(ticket)
    this.refresh(now)
  }

  /** To be called after every change of breaker, health or weight. */
  refresh(now: number): void {
    const healthy = this.health.state !== 'unhealthy'
    const steady = healthy && this.breaker.state === 'closed'
    if (!steady) this.steadySince = Number.POSITIVE_INFINITY
    else if (this.steadySince === Number.POSITIVE_INFINITY) this.steadySince = now
    const open = this.endpoint.weight === 0 ? Number.POSITIVE_INFINITY : this.breaker.availableAt
    this.triableAt = Math.max(open, this.#pausedUntil)
    this.rank = RANKS[this.condition]
    this.availableAt = healthy ? this.triableAt : Number.POSITIVE_INFINITY
  }

  // It answers, and says when it wants to be asked: to wait is enough.
  #pause(ticket: number, ms: number, now: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, now + Math.min(ms, this.#maxPauseMs))
    this.breaker.release(ticket)
  }

  #answered(ms: number): void {
    const { statistics } = this
    this.latencyMs = statistics.answered++ === 0 ? ms : this.latencyMs + LATENCY_WEIGHT * (ms - this.latencyMs)
    statistics.latencySumMs += ms
    if (ms > statistics.latencyMaxMs) statistics.latencyMaxMs = ms
  }
}
