import type { Clock } from '../core/clock.ts'
import { figuresOf } from '../metrics/figures.ts'
import type { Sample } from '../metrics/prometheus.ts'
import type { CountedHolding } from './holding.ts'

/**
 * What a backend has taken as its own metrics tell it, where nothing better exists: the growth of `otelcol_receiver_accepted_spans`.
 * Counters know neither numbers nor runs, and begin at 0 when a process is started again: what came between the last scrape and
 * the end of a process is estimated from the rate before, and is how far this may be off.
 */
export class Counters {
  #scrape: () => Promise<readonly Sample[]>
  #clock: Pick<Clock, 'now'>
  #last: (Accepted & { readonly at: number }) | undefined
  #silentSince: number | undefined
  #counted = 0
  #off = 0
  #restarts = 0
  /** Spans per millisecond, the fastest that was seen. */
  #fastest = 0

  constructor(scrape: () => Promise<readonly Sample[]>, clock: Pick<Clock, 'now'>) {
    this.#scrape = scrape
    this.#clock = clock
  }

  /** To be called once before there is traffic, and again and again while there is some. */
  async look(): Promise<void> {
    const samples = await this.#scrape().catch(() => [])
    const at = this.#clock.now()
    const accepted = acceptedSpans(samples)
    if (accepted === undefined) this.#silentSince ??= at
    else this.#heard({ ...accepted, at })
  }

  #heard(now: Accepted & { readonly at: number }): void {
    const { at, accepted, uptimeS } = now
    const last = this.#last
    const wasSilentAt = this.#silentSince
    this.#last = now
    this.#silentSince = undefined
    if (!last) return
    if (accepted < last.accepted || uptimeS < last.uptimeS) {
      this.#restarts++
      this.#off += Math.ceil(this.#fastest * ((wasSilentAt ?? at) - last.at))
      this.#counted += accepted
      return
    }
    const growth = accepted - last.accepted
    this.#counted += growth
    if (at > last.at) this.#fastest = Math.max(this.#fastest, growth / (at - last.at))
  }

  /** As of the last look. */
  get holding(): CountedHolding {
    const times = this.#restarts === 1 ? 'once' : `${this.#restarts} times`
    return {
      counted: this.#counted,
      off: this.#off,
      why: `is counted by its own metrics, which cannot tell a span that came twice from two${this.#restarts > 0 ? `, and began at 0 again ${times}` : ''}`,
      ...(!this.#last && { doubt: 'has no metrics that count spans' }),
      ...(this.#last && this.#silentSince !== undefined && { doubt: 'gave no metrics at the end' }),
    }
  }
}

interface Accepted {
  readonly accepted: number
  /** Falls when the process is another one; 0 where it is not told. */
  readonly uptimeS: number
}

/** undefined when it is no collector's. A receiver that has taken nothing yet is not in it. */
function acceptedSpans(samples: readonly Sample[]): Accepted | undefined {
  const { receivers, isCollector, uptimeS = 0 } = figuresOf(samples)
  if (!isCollector) return undefined
  return { accepted: [...receivers.values()].reduce((sum, { accepted }) => sum + (accepted.spans ?? 0), 0), uptimeS }
}
