import type { Failover } from '../collector/graph.ts'
import { type Clock, sleep } from '../core/clock.ts'
import type { Delivery, LedgerSummary } from '../model/outcome.ts'
import type { Series } from '../model/series.ts'
import type { SendLedger } from '../otlp/ledger.ts'
import { Witness } from '../otlp/witness.ts'
import { levelOf } from '../outage/expected-level.ts'
import { Curves } from './curves.ts'
import { Deliveries } from './deliveries.ts'
import type { Phases } from './phases.ts'
import { SendTimes } from './send-times.ts'
import type { Target } from './target.ts'

const SAMPLE_MS = 100

/** When spans were sent and when they arrived, gathered while a run goes on. */
export class Counting {
  #target: Target
  #clock: Clock
  #rate: number
  #times: SendTimes
  #deliveries: Deliveries
  #curves: Curves

  /** `rate`: spans per second. */
  constructor(target: Target, phases: Phases, rate: number, clock: Clock) {
    this.#target = target
    this.#clock = clock
    this.#rate = rate
    this.#times = new SendTimes(clock)
    this.#deliveries = new Deliveries(this.#times, phases, clock, target.noticedWithinMs ?? 0)
    this.#curves = new Curves(clock.now())
  }

  /** Hears arrivals where a backend tells them as they come. */
  async listen(): Promise<void> {
    for (const { name, witness } of this.#target.backends.map(backend => ({ name: backend.name, witness: backend.witness() }))) {
      const found = await witness.catch(() => undefined)
      if (!(found instanceof Witness)) continue
      found.onFirst = sequence => {
        this.#deliveries.arrived(sequence)
        this.#curves.arrived(name, this.#clock.now())
      }
    }
  }

  sending = (first: number) => this.#times.note(first)

  /** What the sender is told, over time. */
  async watch(ledger: SendLedger, ends: AbortSignal): Promise<void> {
    while (!ends.aborted) {
      this.#told(ledger)
      await sleep(this.#clock, SAMPLE_MS, ends).catch(() => {})
    }
    this.#told(ledger)
  }

  #told({ acknowledged, refused }: SendLedger): void {
    this.#curves.told({ acknowledged: acknowledged.size, refused: refused.size }, this.#clock.now())
  }

  get delivery(): Delivery | null {
    return this.#deliveries.summary
  }

  /** undefined where no backend tells when something arrives. */
  series(failover: Failover | undefined, { lost_ranges }: LedgerSummary): Series | undefined {
    const backends = this.#target.backends.map(({ name, exporters }) => ({
      name,
      level: failover ? levelOf(failover, exporters) : null,
    }))
    const { noticedWithinMs = 0 } = this.#target
    return this.#curves.series(backends, lost_ranges, this.#times, this.#clock.now(), { rate: this.#rate, noticedWithinMs })
  }
}
