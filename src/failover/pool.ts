import type { Random } from '../core/random.ts'
import type { BreakerSettings, BreakerState, SavedBreaker } from './breaker.ts'
import type { Endpoint } from './endpoint.ts'
import type { EventLog } from './events.ts'
import type { FailoverCode } from './failover-error.ts'
import type { Failed } from './failure.ts'
import type { Health, HealthSettings } from './health.ts'
import { type LevelSettings, Levels } from './levels.ts'
import { type EndpointStatistics, Member } from './member.ts'
import type { Strategy, Wanted } from './strategy.ts'

export interface PoolSettings {
  readonly strategy: Strategy
  readonly breaker: Partial<BreakerSettings>
  readonly health: Partial<HealthSettings>
  /** How long a better endpoint must have been well before requests go back to it. */
  readonly failBackMs: number
  /** When no endpoint passes its checks, do not believe them. Breakers are believed all the same. */
  readonly panic: boolean
  /** A Retry-After is believed up to here. */
  readonly maxPauseMs: number
}

/** Leave to send one request to an endpoint; it is to be ended or released. */
export interface Lease {
  readonly member: Member
  readonly endpoint: Endpoint
  readonly ticket: number
  readonly startedAt: number
}

/** One endpoint as it stands, for reports. */
export interface EndpointView {
  readonly endpoint: Endpoint
  readonly health: Health
  readonly breaker: BreakerState
  readonly inFlight: number
  /** Whether it stands at the level that has the requests. */
  readonly current: boolean
  /** 0 is the best; of a strategy that goes by region, as seen from the manager's own. */
  readonly level: number
  readonly statistics: EndpointStatistics
}

const ANY: Wanted = { tried: [], panic: false }

/**
 * The endpoints and the choice between them, told the time by its caller: `pick`, then `end` or `release`.
 * Holds no timer and sends nothing.
 */
export class Pool {
  readonly #settings: PoolSettings
  readonly #random: Random
  readonly #events: EventLog
  #members: Member[] = []
  /** By the region that a request comes from, where the strategy cares. */
  readonly #levels = new Map<string | undefined, Levels>()
  #regions = new Set<string>()
  #arranged = ''
  /** Of endpoints that have left: what is counted only grows. */
  #pastRecoveries = 0
  #panicking = false

  constructor(settings: PoolSettings, random: Random, events: EventLog) {
    this.#settings = settings
    this.#random = random
    this.#events = events
  }

  get members(): readonly Member[] {
    return this.#members
  }

  /** Times that an endpoint came back. */
  get recoveries(): number {
    return this.#members.reduce((sum, { statistics }) => sum + statistics.recoveries, this.#pastRecoveries)
  }

  /** Replaces the set. An endpoint that stays keeps its breaker, its health and its figures, unless its address is another. */
  update(endpoints: readonly Endpoint[], now: number): void {
    const known = new Map(this.#members.map(member => [member.endpoint.id, member]))
    this.#members = endpoints.map(endpoint => {
      const member = known.get(endpoint.id)
      if (member?.endpoint.url !== endpoint.url) return this.#join(endpoint, now)
      known.delete(endpoint.id)
      member.describe(endpoint, now)
      return member
    })
    for (const [id, { statistics }] of known) {
      this.#pastRecoveries += statistics.recoveries
      this.#events.add({ type: 'endpoint-removed', endpoint: id })
    }
    // Discovery tells again and again what it knows: a strategy that began anew each time would choose its first endpoint each time.
    const arranged = JSON.stringify(endpoints.map(endpoint => ({ ...endpoint, health: undefined })))
    if (arranged === this.#arranged) return
    this.#arranged = arranged
    this.#regions = new Set(endpoints.flatMap(({ region }) => region ?? []))
    for (const [region, levels] of [...this.#levels]) this.#arrange(region, levels.current)
  }

  /** An endpoint for one request, or none. `tried` are not taken again. */
  pick(wanted: Partial<Wanted>, now: number): Lease | undefined {
    const { key, region, tried = ANY.tried } = wanted
    const levels = this.#levelsFor(region)
    let member = levels.pick({ key, region, tried, panic: false }, now)
    if (member && this.#panicking) this.#panic(false)
    if (!member && this.#settings.panic && this.#allUnhealthy()) {
      member = levels.pick({ key, region, tried, panic: true }, now)
      if (member && !this.#panicking) this.#panic(true)
    }
    if (!member) return undefined
    return { member, endpoint: member.endpoint, ticket: member.take(now), startedAt: now }
  }

  /** The request has its end; `undefined` is a success. */
  end({ member, ticket, startedAt }: Lease, failure: Failed | undefined, now: number): void {
    member.end(ticket, failure, startedAt, now)
  }

  /** The request was given up by its caller. */
  release({ member, ticket }: Lease, now: number): void {
    member.release(ticket, now)
  }

  /** Whether a request that failed at `tried` could go on at once. */
  hasOther(tried: readonly Member[], now: number): boolean {
    return this.#members.some(member => now >= member.availableAt && !tried.includes(member))
  }

  find(id: string): Member | undefined {
    return this.#members.find(({ endpoint }) => endpoint.id === id)
  }

  /** Why `pick` gave none, and when it may again. */
  whyNone(now: number): { code: FailoverCode; retryAfterMs: number } {
    const able = this.#members.filter(({ endpoint }) => endpoint.weight > 0)
    const retryAfterMs = Math.max(0, Math.min(...able.map(({ availableAt }) => availableAt)) - now)
    if (able.length === 0) return { code: 'NO_ENDPOINTS', retryAfterMs }
    const shut = able.every(({ breaker }) => breaker.availableAt > now)
    return { code: shut ? 'CIRCUIT_OPEN' : 'ALL_ENDPOINTS_DOWN', retryAfterMs }
  }

  view(): EndpointView[] {
    const levels = this.#levelsFor(undefined)
    const { current } = levels
    const ranks = levels.ranks()
    return this.#members.map(member => ({
      endpoint: member.endpoint,
      health: member.condition,
      breaker: member.breaker.state,
      inFlight: member.inFlight,
      current: current.includes(member),
      level: ranks.get(member) ?? 0,
      statistics: member.statistics,
    }))
  }

  /** The level that has the requests, 0 the best; -1 when none can take one. */
  level(now: number): number {
    return this.#levelsFor(undefined).at(now)
  }

  save(now: number): Record<string, SavedBreaker> {
    return Object.fromEntries(this.#members.map(({ endpoint, breaker }) => [endpoint.id, breaker.save(now)]))
  }

  restore(saved: Readonly<Record<string, SavedBreaker>>, now: number, elapsedMs: number): void {
    for (const member of this.#members) {
      const { id } = member.endpoint
      const breaker = Object.hasOwn(saved, id) ? saved[id] : undefined
      if (breaker) member.breaker.restore(breaker, now, elapsedMs)
      member.refresh(now)
    }
  }

  #join(endpoint: Endpoint, now: number): Member {
    this.#events.add({ type: 'endpoint-added', endpoint: endpoint.id })
    return new Member(endpoint, this.#settings, this.#random, now, happening => this.#events.add(happening))
  }

  #levelsFor(region: string | undefined): Levels {
    // A region that nobody has is like no region, so that made-up ones cost nothing.
    const from = this.#settings.strategy.byRegion && region !== undefined && this.#regions.has(region) ? region : undefined
    return this.#levels.get(from) ?? this.#arrange(from)
  }

  #arrange(region: string | undefined, before: readonly Member[] = []): Levels {
    const { strategy, failBackMs } = this.#settings
    const moved: LevelSettings['moved'] = (type, from, to) => this.#events.add({ type, from: from.map(idOf), to: to.map(idOf) })
    const levels = new Levels(strategy, strategy.levels(this.#members, region), this.#random, { failBackMs, moved }, before)
    this.#levels.set(region, levels)
    return levels
  }

  #allUnhealthy(): boolean {
    return this.#members.length > 0 && this.#members.every(({ health }) => health.state === 'unhealthy')
  }

  #panic(started: boolean): void {
    this.#panicking = started
    this.#events.add({ type: started ? 'panic-started' : 'panic-ended' })
  }
}

const idOf = ({ endpoint }: Member) => endpoint.id
