/** Ratio of neighbouring bucket bounds: percentiles are right within 2 %. */
const GROWTH = 1.02
const LOG_GROWTH = Math.log(GROWTH)

/** Durations in milliseconds, in buckets that grow: constant memory however many there are. */
export class Histogram {
  #buckets = new Map<number, number>()
  #count = 0
  #max = 0

  get count(): number {
    return this.#count
  }

  get max(): number {
    return this.#max
  }

  record(ms: number): void {
    const bucket = Math.ceil(Math.log(Math.max(ms, 0.001)) / LOG_GROWTH)
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1)
    this.#count++
    this.#max = Math.max(this.#max, ms)
  }

  /** Adds what another one has recorded. */
  merge(other: Histogram): void {
    for (const [bucket, count] of other.#buckets) this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + count)
    this.#count += other.#count
    this.#max = Math.max(this.#max, other.#max)
  }

  /** The value that `share` (0 to 1) of all do not exceed; 0 when there are none. */
  percentile(share: number): number {
    let left = Math.ceil(share * this.#count)
    for (const [bucket, count] of [...this.#buckets].sort(([a], [b]) => a - b)) {
      left -= count
      if (left <= 0) return Math.min(GROWTH ** bucket, this.#max)
    }
    return this.#max
  }
}
