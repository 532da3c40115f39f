import type { Clock } from '../../core/clock.ts'
import type { Verdict } from '../../otlp/reply.ts'
import type { TakenRequest, Throttle } from '../seams.ts'
import { type Adaptive, adaptive } from './adaptive.ts'
import { type CanaryResult, canary } from './canary.ts'
import { concurrency } from './concurrency.ts'
import { delay } from './delay.ts'
import { Gate } from './gate.ts'
import type { Limiter } from './limiter.ts'
import { pause } from './pause.ts'
import { type Rate, rateLimit } from './rate.ts'
import { retryAfter } from './retry-after.ts'

export interface ThrottleSettings {
  /** Requests without an answer at once, at the most. */
  readonly concurrency: number
  readonly rates: readonly Rate[]
  readonly delayMs: number | undefined
  readonly rampUpMs: number
  /** undefined: as many at once as `concurrency` says, whatever the backend's latency. */
  readonly maxLatencyFactor: number | undefined
  readonly canary: { readonly share: number; readonly totalBytes: number; readonly threshold: number } | undefined
}

/** What the throttle thinks right now, for a display. Times in milliseconds. */
export interface ThrottleState {
  /** Requests that may be without an answer. */
  readonly limit: number
  readonly baselineMs: number | undefined
  readonly paused: boolean
  /** How long the backend wants to be left alone. */
  readonly restMs: number
}

/** A rate may be caught up for this long after a wait. */
const BURST_MS = 250

/** All limits that were asked for as one throttle, for one backend. */
export class ReplayThrottle implements Throttle {
  readonly #gate: Gate
  readonly #clock: Pick<Clock, 'now' | 'timer'>
  readonly #pause = pause()
  readonly #rest = retryAfter()
  readonly #adaptive: Adaptive | undefined
  readonly #most: number

  /** `looked` hears how the canary went; when it did not pass, nothing more goes until the run is stopped. */
  constructor(
    settings: ThrottleSettings,
    clock: Pick<Clock, 'now' | 'timer'>,
    looked: (result: CanaryResult) => void = () => {},
  ) {
    const { rates, delayMs, rampUpMs, maxLatencyFactor } = settings
    this.#clock = clock
    this.#most = delayMs === undefined ? settings.concurrency : 1
    this.#adaptive = maxLatencyFactor === undefined ? undefined : adaptive({ most: this.#most, latencyFactor: maxLatencyFactor })
    const limiters: (Limiter | undefined)[] = [
      this.#pause,
      this.#rest,
      concurrency(this.#most),
      delayMs === undefined ? undefined : delay(delayMs),
      this.#adaptive,
      ...rates.map(rate => rateLimit(rate, { burstMs: BURST_MS, rampUpMs })),
      settings.canary && canary(settings.canary, looked),
    ]
    this.#gate = new Gate(
      limiters.filter(limiter => limiter !== undefined),
      clock,
    )
  }

  get state(): ThrottleState {
    return {
      limit: this.#adaptive?.limit ?? this.#most,
      baselineMs: this.#adaptive?.baselineMs,
      paused: this.#pause.paused,
      restMs: Math.max(0, this.#rest.until - this.#clock.now()),
    }
  }

  take(request: TakenRequest, signal: AbortSignal): Promise<void> {
    return this.#gate.take(request, signal)
  }

  settled(verdict: Verdict, latencyMs: number): void {
    this.#gate.settled(verdict, latencyMs)
  }

  pause(): void {
    this.#pause.paused = true
  }

  resume(): void {
    this.#pause.paused = false
    this.#gate.look()
  }
}
