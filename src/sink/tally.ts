import type { Items } from '../otlp/items.ts'
import { SIGNALS, type Signal } from '../otlp/signal.ts'
import { Witness } from '../otlp/witness.ts'

/** Runs that are counted one by one; of any more only totals are kept, so that no sender can fill the memory with run numbers. */
const MOST_RUNS = 1000

export type BySignal<T> = Readonly<Record<Signal, T>>

export const bySignal = <T>(make: () => T): Record<Signal, T> =>
  Object.fromEntries(Object.keys(SIGNALS).map(signal => [signal, make()])) as Record<Signal, T>

/** What has arrived: every item of a run of `send` by its number, of all other telemetry how much. */
export class Tally {
  readonly runs = new Map<string, BySignal<Witness>>()
  /** All items, those of runs included. */
  readonly items = bySignal(() => 0)
  /** Items that belong to no run. */
  readonly foreign = bySignal(() => 0)
  #latest: { high: number; low: number; witnesses: BySignal<Witness> | undefined } = { high: 0, low: 0, witnesses: undefined }

  /** Counts the items that `keep` lets through; answers with how many those are. */
  record(signal: Signal, items: Items, keep?: (index: number) => boolean): number {
    let kept = 0
    for (let index = 0; index < items.length; index++) {
      if (keep && !keep(index)) continue
      const sequence = items.sequence[index] as number
      kept++
      const witnesses = sequence === 0 ? undefined : this.#witnesses(items, index)
      if (witnesses) witnesses[signal].add(sequence)
      else this.foreign[signal]++
    }
    this.items[signal] += kept
    return kept
  }

  /** What has arrived of a run; nothing yet, as long as nothing has. */
  of(run: string): BySignal<Witness> {
    return this.runs.get(run) ?? bySignal(() => new Witness())
  }

  /** What has arrived of a run and will: the same object from now on. */
  follow(run: string): BySignal<Witness> {
    return this.#ofRun(run) ?? this.of(run)
  }

  // Neighbours are nearly always of the same run.
  #witnesses(items: Items, index: number): BySignal<Witness> | undefined {
    const high = items.runHigh[index] as number
    const low = items.runLow[index] as number
    if (high !== this.#latest.high || low !== this.#latest.low) {
      this.#latest = { high, low, witnesses: this.#ofRun(items.runAt(index) as string) }
    }
    return this.#latest.witnesses
  }

  #ofRun(run: string): BySignal<Witness> | undefined {
    const known = this.runs.get(run)
    if (known || this.runs.size >= MOST_RUNS) return known
    const witnesses = bySignal(() => new Witness())
    this.runs.set(run, witnesses)
    return witnesses
  }
}
