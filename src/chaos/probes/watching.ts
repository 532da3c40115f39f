import { type Clock, sleep } from '../../core/clock.ts'
import type { WishedProbe } from '../../experiment/probe-wish.ts'
import { tolerates } from '../../experiment/tolerance.ts'
import type { Check } from '../../model/outcome.ts'
import type { RunView } from '../events.ts'
import type { Probe, Seen } from './probe.ts'
import { sayFound } from './say-found.ts'

/** Looks that neither fail nor hold often enough in a row end at some time, too. */
const MOST_LOOKS_AT_AN_EDGE = 100

interface Failure {
  readonly at: number
  readonly said: string
  readonly evidence: string
}

/** One probe over one window of a run: at an edge, or again and again until it is stopped. */
export class Watching {
  readonly wished: WishedProbe
  #probe: Probe
  #clock: Clock
  /** `queue (start)` */
  #name: string
  #looks = 0
  #seen = 0
  #inRow = { held: 0, failed: 0, missing: 0 }
  #failure: Failure | undefined
  #failed: Failure | undefined
  /** Whether it holds again after it has failed. */
  #recovered = false
  #lastMissing = ''
  #least = Number.POSITIVE_INFINITY
  #most = Number.NEGATIVE_INFINITY
  #lastFound: number | string = ''
  #evidence: string
  #begunAt: number | undefined

  constructor(wished: WishedProbe, probe: Probe, clock: Clock, suffix = '') {
    this.wished = wished
    this.#probe = probe
    this.#clock = clock
    this.#name = wished.name + suffix
    this.#evidence = probe.evidence
  }

  get hasFailed(): boolean {
    return this.#failed !== undefined
  }

  /** `queue of otlp/primary was 95%, expected <= 80%`; undefined as long as it is as it should be. */
  get complaint(): string | undefined {
    const { tolerance, failureThreshold } = this.wished
    if (this.#failed) return `${this.#probe.about}: ${this.#failed.said}, expected ${tolerance.text}`
    return this.#inRow.missing >= failureThreshold ? `${this.#probe.about} cannot be seen: ${this.#lastMissing}` : undefined
  }

  /** Until it has held or failed often enough in a row. */
  async atEdge(view: RunView, ends: AbortSignal): Promise<void> {
    await this.#begin(view)
    const { failureThreshold, successThreshold, intervalMs } = this.wished
    for (let look = 0; look < MOST_LOOKS_AT_AN_EDGE && !ends.aborted; look++) {
      await this.#look(view, ends)
      if (this.#inRow.held >= successThreshold || this.#failed || this.#inRow.missing >= failureThreshold) return
      await sleep(this.#clock, intervalMs, ends).catch(() => {})
    }
  }

  /** Until `ends`; `looked` is told after each look. */
  async again(view: RunView, ends: AbortSignal, looked: () => void): Promise<void> {
    await this.#begin(view)
    while (!ends.aborted) {
      await this.#look(view, ends)
      looked()
      await sleep(this.#clock, this.wished.intervalMs, ends).catch(() => {})
    }
  }

  async #look(view: RunView, ends: AbortSignal): Promise<void> {
    const at = view.now()
    this.#begunAt ??= at
    const seen = await this.#probe
      .look(view, ends)
      .catch((error: unknown): Seen => ({ failed: error instanceof Error ? error.message : String(error) }))
    // A look that was broken off says nothing.
    if (ends.aborted) return
    this.#looks++
    if ('missing' in seen) {
      this.#lastMissing = seen.missing
      this.#inRow.missing++
      return
    }
    this.#inRow.missing = 0
    this.#seen++
    if ('found' in seen && seen.evidence !== undefined) this.#evidence = seen.evidence
    if ('found' in seen) this.#note(seen.found)
    if ('found' in seen && tolerates(this.wished.tolerance, seen.found)) this.#held()
    else this.#failedOnce({ at, said: 'failed' in seen ? seen.failed : this.#say(seen.found), evidence: this.#evidence })
  }

  check(): Check {
    const { tolerance } = this.wished
    return {
      name: this.#name,
      expected: `${this.#probe.about} ${tolerance.text}`,
      ...this.#result(),
      at_s: this.#failed?.at ?? this.#begunAt ?? null,
      took_s: null,
    }
  }

  #result(): Pick<Check, 'result' | 'observed' | 'evidence'> {
    const evidence = this.#evidence
    if (this.#looks === 0) return { result: 'skipped', observed: 'never looked at', evidence: '' }
    if (this.#failed) {
      const { failureThreshold } = this.wished
      const often = failureThreshold > 1 ? `, ${failureThreshold} looks in a row` : ''
      const again = this.#recovered ? ', and was as expected again later' : ''
      return { result: 'deviated', observed: `${this.#failed.said}${often}${again}`, evidence: this.#failed.evidence }
    }
    if (this.#seen === 0) return { result: 'unknown', observed: this.#lastMissing, evidence }
    return { result: 'held', observed: this.#observed(), evidence }
  }

  #observed(): string {
    if (this.#seen < 2 || typeof this.#lastFound !== 'number') return this.#say(this.#lastFound)
    const values = this.#least === this.#most ? this.#say(this.#most) : `${this.#say(this.#least)} to ${this.#say(this.#most)}`
    return `${values}, ${this.#seen} looks`
  }

  #note(found: number | string): void {
    this.#lastFound = found
    if (typeof found !== 'number') return
    this.#least = Math.min(this.#least, found)
    this.#most = Math.max(this.#most, found)
  }

  #say = (found: number | string) => sayFound(found, this.wished.tolerance)

  async #begin(view: RunView): Promise<void> {
    this.#begunAt = view.now()
    // What cannot be had now is missing in the first look, too, which says so.
    await Promise.resolve(this.#probe.begin?.(view)).catch(() => {})
  }

  #held(): void {
    this.#inRow = { held: this.#inRow.held + 1, failed: 0, missing: 0 }
    this.#failure = undefined
    if (this.#failed && this.#inRow.held >= this.wished.successThreshold) this.#recovered = true
  }

  #failedOnce(failure: Failure): void {
    this.#inRow = { held: 0, failed: this.#inRow.failed + 1, missing: 0 }
    this.#failure ??= failure
    this.#recovered = false
    if (this.#inRow.failed >= this.wished.failureThreshold) this.#failed ??= { ...this.#failure, said: failure.said }
  }
}
