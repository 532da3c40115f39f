import type { Clock } from '../core/clock.ts'
import { Histogram } from '../core/histogram.ts'
import type { Delivery } from '../model/outcome.ts'
import { SequenceSet } from '../otlp/sequence-set.ts'
import type { Phases } from './phases.ts'
import type { SendTimes } from './send-times.ts'

/** Beyond what a backend takes to notice an arrival, longer than this is late. */
const LATE_MS = 1000

/** How long spans are on their way, from arrivals as backends notice them. */
export class Deliveries {
  #times: SendTimes
  #phases: Phases
  #clock: Pick<Clock, 'now'>
  #noticedWithinMs: number
  #known = new SequenceSet()
  #latency = new Histogram()
  #late = 0
  #afterRecovery = 0

  constructor(times: SendTimes, phases: Phases, clock: Pick<Clock, 'now'>, noticedWithinMs: number) {
    this.#times = times
    this.#phases = phases
    this.#clock = clock
    this.#noticedWithinMs = noticedWithinMs
  }

  /** A backend has the span now; only the first one counts. */
  arrived(sequence: number): void {
    const sentAt = this.#times.of(sequence)
    if (sentAt === undefined || !this.#known.add(sequence)) return
    const took = this.#clock.now() - sentAt
    this.#latency.record(took)
    if (took <= LATE_MS + this.#noticedWithinMs) return
    this.#late++
    if (this.#phases.current === 'after' && this.#phases.of(sequence) === 'fault') this.#afterRecovery++
  }

  /** null when no arrival was told. */
  get summary(): Delivery | null {
    if (this.#latency.count === 0) return null
    const at = (share: number) => inSeconds(this.#latency.percentile(share))
    return {
      p50_s: at(0.5),
      p95_s: at(0.95),
      p99_s: at(0.99),
      max_s: inSeconds(this.#latency.max),
      noticed_within_s: inSeconds(this.#noticedWithinMs),
      late: this.#late,
      over_s: inSeconds(LATE_MS + this.#noticedWithinMs),
      after_recovery: this.#afterRecovery,
    }
  }
}

const inSeconds = (ms: number): number => Math.round(ms) / 1000
