import { type Clock, sleep } from '../core/clock.ts'
import type { Random } from '../core/random.ts'
import type { BreakerSettings } from '../failover/breaker.ts'
import { failureOf } from '../failover/choice.ts'
import { type EndpointSettings, endpoint } from '../failover/endpoint.ts'
import { EventLog } from '../failover/events.ts'
import type { Member } from '../failover/member.ts'
import { type Lease, Pool } from '../failover/pool.ts'
import { activePassive } from '../failover/strategies/active-passive.ts'
import type { Strategy } from '../failover/strategy.ts'
import type { Destination } from '../otlp/destination.ts'
import type { Verdict } from '../otlp/reply.ts'
import type { Signal } from '../otlp/signal.ts'
import type { Observer } from './seams.ts'

/** One endpoint of the run. */
export interface Backend {
  /** Its address without secrets. */
  readonly name: string
  readonly destinations: Readonly<Record<Signal, Destination>>
  /** Priority, weight, region and what else a strategy looks at. */
  readonly settings?: Partial<EndpointSettings>
}

export interface Turn {
  readonly backend: Backend
  readonly member: Member
  /**
   * Says what became of the request; answers with what of it concerns every request of the run: where others share the work,
   * a server that wants to be left alone holds back only itself.
   */
  record(verdict: Verdict): Verdict
}

/** A backup waits as long as it takes: one trial after a short while, and the rest once it is answered. */
const BREAKER: Partial<BreakerSettings> = { failures: 5, failureRate: 0.5, openMs: 1_000, maxOpenMs: 30_000, successes: 1 }

/** As long as a breaker whose one trial is out may say: its answer comes sooner as a rule. */
const LONGEST_LOOK_MS = 100

/** The endpoints in use: those of the first priority first, unless they are in another order. */
export function backendsInUse(backends: readonly Backend[], strategy: Strategy | undefined): readonly Backend[] {
  const byPriority = backends.toSorted((one, other) => (one.settings?.priority ?? 0) - (other.settings?.priority ?? 0))
  return strategy ? byPriority : byPriority.slice(0, 1)
}

/** The endpoints as a strategy of the engine shares them out, with a breaker each. Without one only the first is used, and waited for. */
export class Backends {
  readonly #backends: ReadonlyMap<string, Backend>
  readonly #pool: Pool
  readonly #clock: Clock
  readonly #observe: Observer

  constructor(
    backends: readonly Backend[],
    strategy: Strategy | undefined,
    { clock, random }: { readonly clock: Clock; readonly random: Random },
    observe: Observer,
  ) {
    this.#clock = clock
    this.#observe = observe
    // The same address may be named twice: the place tells them apart.
    this.#backends = new Map(backendsInUse(backends, strategy).map((backend, place) => [String(place), backend]))
    const events = new EventLog(1, () => clock.epochMs())
    events.listen(event => {
      if (event.type !== 'breaker-changed' || event.to === 'isolated') return
      observe({ kind: 'breaker', endpoint: this.#backends.get(event.endpoint)?.name ?? '', state: event.to })
    })
    const settings = { breaker: BREAKER, health: {}, failBackMs: 0, panic: false, maxPauseMs: Number.POSITIVE_INFINITY }
    this.#pool = new Pool({ ...settings, strategy: strategy ?? activePassive() }, random, events)
    const endpoints = [...this.#backends].map(([id, { name, settings }]) => endpoint({ ...settings, url: name, id }))
    this.#pool.update(endpoints, clock.now())
  }

  /** The one that is sent to as long as all is well. */
  get first(): Backend {
    return this.#backends.get('0') as Backend
  }

  /** Whether another one may be sent to at once, after these have not taken a request. */
  hasOther(tried: readonly Member[]): boolean {
    return this.#pool.hasOther(tried, this.#clock.now())
  }

  /** An endpoint that may be sent to, one that was not tried if there is any; waited for if need be. Rejects with the signal's reason. */
  async pick(signal: AbortSignal, tried: readonly Member[] = []): Promise<Turn> {
    for (;;) {
      const now = this.#clock.now()
      const lease = (tried.length > 0 ? this.#pool.pick({ tried }, now) : undefined) ?? this.#pool.pick({}, now)
      if (lease) {
        const { member, endpoint } = lease
        const backend = this.#backends.get(endpoint.id) as Backend
        return { backend, member, record: verdict => this.#record(lease, backend, verdict) }
      }
      const { retryAfterMs } = this.#pool.whyNone(now)
      await sleep(this.#clock, Math.min(Math.max(1, retryAfterMs), LONGEST_LOOK_MS), signal)
    }
  }

  #record(lease: Lease, { name }: Backend, verdict: Verdict): Verdict {
    const now = this.#clock.now()
    const afterMs = verdict.kind === 'try-later' ? verdict.afterMs : undefined
    if (verdict.kind === 'try-later' && afterMs !== undefined)
      this.#observe({ kind: 'waiting', endpoint: name, reason: verdict.reason, ms: afterMs })
    // A server that asks for less works; only one that fails is left alone.
    if (verdict.kind === 'try-later' && afterMs === undefined && isThrottling(verdict.status)) this.#pool.release(lease, now)
    else this.#pool.end(lease, failureOf(verdict), now)
    const others = afterMs !== undefined && this.#pool.hasOther([lease.member], now)
    return others && verdict.kind === 'try-later' ? { ...verdict, afterMs: undefined } : verdict
  }
}

/** HTTP 429, and RESOURCE_EXHAUSTED over gRPC. */
export const isThrottling = (status: number | undefined): boolean => status === 429 || status === 8
