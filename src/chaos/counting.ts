import type { Failover } from '../collector/graph.ts'
import { type Clock, sleep } from '../core/clock.ts'
import { figuresOf } from '../metrics/figures.ts'
import type { Sample } from '../metrics/prometheus.ts'
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
  /** Backends that tell arrivals as they come; what others have taken, nobody can draw. */
  #telling = new Set<string>()

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
    for (const backend of this.#target.backends) {
      const { name } = backend
      const found = await backend.witness().catch(() => undefined)
      if (!(found instanceof Witness)) continue
      this.#telling.add(name)
      found.onFirst = sequence => {
        this.#deliveries.arrived(sequence)
        this.#curves.arrived(name, this.#clock.now())
      }
    }
  }

  sending = (first: number) => this.#times.note(first)

  /** What the sender is told and how full queues are, over time. `scraped`: the newest scrape of the collector. */
  async watch(ledger: SendLedger, scraped: () => readonly Sample[], ends: AbortSignal): Promise<void> {
    let samples: readonly Sample[] = []
    while (!ends.aborted) {
      this.#told(ledger)
      if (scraped() !== samples) {
        samples = scraped()
        for (const [exporter, { queue }] of figuresOf(samples).exporters)
          if (queue?.capacity) this.#curves.queued(exporter, queue.size, queue.capacity, this.#clock.now())
      }
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
    const backends = this.#target.backends
      .filter(({ name }) => this.#telling.has(name))
      .map(({ name, exporters }) => ({ name, level: failover ? levelOf(failover, exporters) : null }))
    const { noticedWithinMs = 0 } = this.#target
    return this.#curves.series(backends, lost_ranges, this.#times, this.#clock.now(), { rate: this.#rate, noticedWithinMs })
  }
}
