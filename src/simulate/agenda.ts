interface Entry<T> {
  readonly at: number
  /** In the order of arrival, where two are due at the same instant. */
  readonly nth: number
  readonly what: T
}

/** What is to happen, earliest first: a binary heap. */
export class Agenda<T> {
  #heap: Entry<T>[] = []
  #count = 0

  get length(): number {
    return this.#heap.length
  }

  /** How many entries there were so far: those with a lower `nth` are older. */
  get count(): number {
    return this.#count
  }

  /** When the next entry is due; Infinity when there is none. */
  get nextAt(): number {
    return this.#heap[0]?.at ?? Number.POSITIVE_INFINITY
  }

  add(at: number, what: T): void {
    const entry = { at, nth: this.#count++, what }
    let index = this.#heap.length
    while (index > 0) {
      const parent = (index - 1) >> 1
      const above = this.#heap[parent] as Entry<T>
      if (!isBefore(entry, above)) break
      this.#heap[index] = above
      index = parent
    }
    this.#heap[index] = entry
  }

  take(): T | undefined {
    const [first] = this.#heap
    const last = this.#heap.pop()
    if (!first || !last) return undefined
    if (this.#heap.length > 0) this.#sink(last)
    return first.what
  }

  /** Whether every entry was there before the `nth`. */
  isOlderThan(nth: number): boolean {
    return this.#heap.every(entry => entry.nth < nth)
  }

  /** Takes all out that are not to be kept. */
  keep(isKept: (what: T) => boolean): void {
    const kept = this.#heap.filter(({ what }) => isKept(what)).sort((a, b) => (isBefore(a, b) ? -1 : 1))
    this.#heap = kept
  }

  #sink(entry: Entry<T>): void {
    const heap = this.#heap
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= heap.length) break
      const right = heap[child + 1]
      if (right && isBefore(right, heap[child] as Entry<T>)) child++
      if (!isBefore(heap[child] as Entry<T>, entry)) break
      heap[index] = heap[child] as Entry<T>
      index = child
    }
    heap[index] = entry
  }
}

const isBefore = <T>(a: Entry<T>, b: Entry<T>) => a.at < b.at || (a.at === b.at && a.nth < b.nth)
