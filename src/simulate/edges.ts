import type { Scenario } from './scenario.ts'

/** The instants at which the world changes: faults begin or end, the collector dies. */
export class Edges {
  readonly #ascending: readonly number[]
  #passed = 0

  constructor({ faults, crashes }: Scenario) {
    const edges = [...faults.flatMap(({ atMs, untilMs }) => [atMs, untilMs]), ...crashes.map(({ atMs }) => atMs)]
    this.#ascending = edges.sort((a, b) => a - b)
  }

  /** The first that is still to come; infinite after the last. */
  get next(): number {
    return this.#ascending[this.#passed] ?? Number.POSITIVE_INFINITY
  }

  /** Leaves behind what is over at `now`; answers whether there was any. */
  pass(now: number): boolean {
    const before = this.#passed
    while (this.next <= now) this.#passed++
    return this.#passed > before
  }
}
