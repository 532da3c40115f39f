import type { Failover } from '../../collector/graph.ts'
import { type Clock, sleep } from '../../core/clock.ts'
import { type Figures, figuresOf } from '../../metrics/figures.ts'
import { levelIn } from '../../metrics/level.ts'
import type { Sample } from '../../metrics/prometheus.ts'
import type { LevelChange } from '../../model/outcome.ts'
import type { Target } from '../target.ts'

/** A change of level, and the last instant at which the old one was still seen. Clock milliseconds. */
export interface SeenChange {
  readonly at: number
  readonly lastBeforeAt: number
  readonly level: number
  readonly evidence: string
}

const WORTH_TELLING_MS = 1000

/** Scrapes the collector while an experiment runs and keeps every change of the connector's level. */
export class LevelProbe {
  readonly changes: SeenChange[] = []
  /** The fullest that any queue was, as a share of its capacity. */
  peakQueue = 0
  #failover: Failover | undefined
  #target: Pick<Target, 'scrape' | 'level'>
  #clock: Clock
  #changed: (level: number, evidence: string) => void
  #before: Figures | undefined
  #lastAt: number
  #latest: readonly Sample[] = []
  #silentFrom: number | undefined
  #silences: { readonly from: number; readonly to: number }[] = []

  /** Without a connector there is no level; what the collector says is read all the same. */
  constructor(
    failover: Failover | undefined,
    target: Pick<Target, 'scrape' | 'level'>,
    clock: Clock,
    changed: (level: number, evidence: string) => void = () => {},
  ) {
    this.#changed = changed
    this.#failover = failover
    this.#target = target
    this.#clock = clock
    this.#lastAt = clock.now()
  }

  get level(): number | undefined {
    return this.changes.at(-1)?.level
  }

  /** The samples of the newest scrape. */
  get samples(): readonly Sample[] {
    return this.#latest
  }

  async run(intervalMs: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.scrape()
      await sleep(this.#clock, intervalMs, signal).catch(() => {})
    }
  }

  async scrape(): Promise<void> {
    const askedAt = this.#clock.now()
    const after = await this.#target.scrape().catch(() => [])
    const at = this.#clock.now()
    this.#hear(after.length > 0, askedAt, at)
    const figures = figuresOf(after)
    const reading = this.#target.level
      ? this.#target.level(after)
      : this.#failover && levelIn(this.#failover, this.#before, figures)
    this.#latest = after
    if (after.length > 0) this.#before = figures
    this.peakQueue = Math.max(this.peakQueue, fullest(figures))
    if (!reading) return
    const isNew = reading.level !== this.level
    if (isNew) this.changes.push({ at, lastBeforeAt: this.#lastAt, ...reading })
    this.#lastAt = at
    if (isNew) this.#changed(reading.level, reading.evidence)
  }

  #hear(isHeard: boolean, askedAt: number, at: number): void {
    if (!isHeard) this.#silentFrom ??= askedAt
    else {
      if (this.#silentFrom !== undefined && at - this.#silentFrom >= WORTH_TELLING_MS)
        this.#silences.push({ from: this.#silentFrom, to: at })
      this.#silentFrom = undefined
    }
  }

  /** When the metrics said nothing for longer than a moment: nobody knows the level of that time. As sentences. */
  silences(startedAt: number): string[] {
    const open = this.#silentFrom === undefined ? [] : [{ from: this.#silentFrom, to: undefined }]
    return [...this.#silences, ...open].map(({ from, to }) => {
      const until = to === undefined ? 'to the end' : `to ${seconds(to - startedAt)} s`
      return `the metrics were silent from ${seconds(from - startedAt)} s ${until}: the level of that time is not known`
    })
  }

  /** The changes as an outcome tells them. */
  timeline(startedAt: number): LevelChange[] {
    const connector = this.#failover?.component.id ?? ''
    return this.changes.map(({ at, level, evidence }) => ({ at_s: seconds(at - startedAt), level, connector, evidence }))
  }
}

const fullest = ({ exporters }: Figures): number =>
  Math.max(0, ...[...exporters.values()].map(({ queue }) => (queue?.capacity ? queue.size / queue.capacity : 0)))

/** Milliseconds as seconds, to the millisecond. */
export const seconds = (ms: number): number => Math.round(ms) / 1000
