import { type Clock, sleep } from '../core/clock.ts'
import type { Random } from '../core/random.ts'
import { Breaker, type BreakerSettings } from '../failover/breaker.ts'
import type { Destination } from '../otlp/destination.ts'
import type { Verdict } from '../otlp/reply.ts'
import type { Signal } from '../otlp/signal.ts'
import type { Observer } from './seams.ts'

/** One endpoint of the run. */
export interface Backend {
  /** Its address without secrets. */
  readonly name: string
  readonly destinations: Readonly<Record<Signal, Destination>>
}

export interface Turn {
  readonly backend: Backend
  /** Says what became of the request. */
  record(verdict: Verdict): void
}

interface Guarded {
  readonly backend: Backend
  readonly breaker: Breaker
  /** The server asked to be left alone until then. */
  notBefore: number
}

/** A backup waits as long as it takes: one trial after a short while, and the rest once it is answered. */
const BREAKER: Partial<BreakerSettings> = { failures: 5, failureRate: 0.5, openMs: 1_000, maxOpenMs: 30_000, successes: 1 }

/** The endpoints by priority, with a breaker each. Without failover only the first is used, and waited for. */
export class Backends {
  readonly #guarded: readonly Guarded[]
  readonly #clock: Clock
  readonly #observe: Observer

  constructor(backends: readonly Backend[], failover: boolean, world: { clock: Clock; random: Random }, observe: Observer) {
    this.#clock = world.clock
    this.#observe = observe
    this.#guarded = (failover ? backends : backends.slice(0, 1)).map(backend => ({
      backend,
      breaker: new Breaker(BREAKER, world.random, state => {
        if (state !== 'isolated') observe({ kind: 'breaker', endpoint: backend.name, state })
      }),
      notBefore: 0,
    }))
  }

  /** The one that is sent to as long as all is well. */
  get first(): Backend {
    return (this.#guarded[0] as Guarded).backend
  }

  /** The first endpoint that may be sent to, waited for if need be. Rejects with the signal's reason. */
  async pick(signal: AbortSignal): Promise<Turn> {
    for (;;) {
      const now = this.#clock.now()
      for (const guarded of this.#guarded) {
        const ticket = now >= guarded.notBefore ? guarded.breaker.take(now) : 0
        if (ticket !== 0) return { backend: guarded.backend, record: verdict => this.#record(guarded, ticket, verdict) }
      }
      const waits = this.#guarded.map(({ breaker, notBefore }) => Math.max(breaker.waitMs(now), notBefore - now))
      // A breaker whose one trial is out says when it gives that trial up; its answer comes sooner as a rule.
      await sleep(this.#clock, Math.min(Math.max(1, Math.min(...waits)), 100), signal)
    }
  }

  #record(guarded: Guarded, ticket: number, verdict: Verdict): void {
    const now = this.#clock.now()
    if (verdict.kind === 'try-later' && verdict.afterMs !== undefined) {
      guarded.notBefore = Math.max(guarded.notBefore, now + verdict.afterMs)
      this.#observe({ kind: 'waiting', endpoint: guarded.backend.name, reason: verdict.reason, ms: verdict.afterMs })
    }
    // A server that asks for less works; only one that fails is left alone.
    if (verdict.kind === 'try-later' && isThrottling(verdict.status)) guarded.breaker.release(ticket)
    else guarded.breaker.record(ticket, verdict.kind === 'accepted' || verdict.kind === 'refused', now)
  }
}

/** HTTP 429, and RESOURCE_EXHAUSTED over gRPC. */
export const isThrottling = (status: number | undefined): boolean => status === 429 || status === 8
