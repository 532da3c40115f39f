/** Which parts of a file are settled: ranges from (included) to (excluded), merged where they touch. */
export class Intervals {
  /** In rising order, with gaps between them. */
  readonly #ranges: [from: number, to: number][] = []

  /** Where the first part that is not settled starts. */
  get lowWater(): number {
    const first = this.#ranges[0]
    return first && first[0] === 0 ? first[1] : 0
  }

  /** Behind it nothing is settled. */
  get highWater(): number {
    return this.#ranges.at(-1)?.[1] ?? 0
  }

  get total(): number {
    return this.#ranges.reduce((sum, [from, to]) => sum + to - from, 0)
  }

  add(from: number, to: number): void {
    if (to <= from) return
    // Answers come nearly in order: look from the end.
    let after = this.#ranges.length
    while (after > 0 && (this.#ranges[after - 1] as [number, number])[0] > from) after--
    const before = this.#ranges[after - 1]
    const start = before && before[1] >= from ? after - 1 : after
    let [low, high] =
      start < after ? [(before as [number, number])[0], Math.max((before as [number, number])[1], to)] : [from, to]
    let end = after
    while (end < this.#ranges.length && (this.#ranges[end] as [number, number])[0] <= high) {
      high = Math.max(high, (this.#ranges[end] as [number, number])[1])
      end++
    }
    low = Math.min(low, from)
    this.#ranges.splice(start, end - start, [low, high])
  }

  has(at: number): boolean {
    let [low, high] = [0, this.#ranges.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#ranges[middle] as [number, number])[1] <= at) low = middle + 1
      else high = middle
    }
    const range = this.#ranges[low]
    return range !== undefined && range[0] <= at
  }

  [Symbol.iterator](): IterableIterator<[from: number, to: number]> {
    return this.#ranges[Symbol.iterator]()
  }
}
