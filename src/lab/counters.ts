import type { Sample } from '../metrics/prometheus.ts'

type Labels = Readonly<Record<string, string>>

/** Counters and gauges by name and labels, in the order in which they were first touched. */
export class Counters {
  #samples = new Map<string, { name: string; labels: Labels; value: number }>()

  add(name: string, labels: Labels, by = 1): void {
    this.#at(name, labels).value += by
  }

  set(name: string, labels: Labels, value: number): void {
    this.#at(name, labels).value = value
  }

  samples(): Sample[] {
    return [...this.#samples.values()].map(sample => ({ ...sample }))
  }

  #at(name: string, labels: Labels) {
    const key = `${name} ${JSON.stringify(labels)}`
    const sample = this.#samples.get(key) ?? { name, labels, value: 0 }
    this.#samples.set(key, sample)
    return sample
  }
}
