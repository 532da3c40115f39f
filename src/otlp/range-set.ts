import type { Range } from './sequence-set.ts'

/** Two numbers a range: a million of them are 16 MB. */
const MOST_RANGES = 1_000_000

/**
 * Numbers that come in ranges, such as the spans of a request: what is unbroken is one range, however long. Beyond a million
 * ranges, the numbers are counted and no longer kept one by one, so that memory stays bounded; `isComplete` then is false.
 */
export class RangeSet {
  #from = new Float64Array(64)
  #to = new Float64Array(64)
  #length = 0
  #limit: number
  #size = 0
  isComplete = true

  constructor(limit = MOST_RANGES) {
    this.#limit = limit
  }

  /** How many numbers are in it. */
  get size(): number {
    return this.#size
  }

  /** Both ends included. None of them may be in the set yet. */
  add(from: number, to: number): void {
    this.#size += to - from + 1
    const index = this.#after(from)
    const joinsBefore = index > 0 && this.#to[index - 1] === from - 1
    const joinsAfter = index < this.#length && this.#from[index] === to + 1
    if (joinsBefore && joinsAfter) {
      this.#to[index - 1] = this.#to[index] as number
      this.#close(index)
    } else if (joinsBefore) this.#to[index - 1] = to
    else if (joinsAfter) this.#from[index] = from
    else if (this.#length >= this.#limit) this.isComplete = false
    else this.#open(index, from, to)
  }

  has(number: number): boolean {
    const index = this.#after(number) - 1
    return index >= 0 && number <= (this.#to[index] as number)
  }

  /** In rising order. */
  *[Symbol.iterator](): Generator<number> {
    for (const [from, to] of this.ranges()) for (let number = from; number <= to; number++) yield number
  }

  *ranges(): Generator<Range> {
    for (let index = 0; index < this.#length; index++) yield [this.#from[index] as number, this.#to[index] as number]
  }

  /** The place of the first range that begins after `number`. */
  #after(number: number): number {
    let [low, high] = [0, this.#length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#from[middle] as number) <= number) low = middle + 1
      else high = middle
    }
    return low
  }

  #open(index: number, from: number, to: number): void {
    if (this.#length === this.#from.length) this.#grow()
    this.#from.copyWithin(index + 1, index, this.#length)
    this.#to.copyWithin(index + 1, index, this.#length)
    this.#from[index] = from
    this.#to[index] = to
    this.#length++
  }

  #close(index: number): void {
    this.#from.copyWithin(index, index + 1, this.#length)
    this.#to.copyWithin(index, index + 1, this.#length)
    this.#length--
  }

  #grow(): void {
    const wider = (bounds: Float64Array) => {
      const copy = new Float64Array(bounds.length * 2)
      copy.set(bounds)
      return copy
    }
    this.#from = wider(this.#from)
    this.#to = wider(this.#to)
  }
}
