/** Numbers on one page: 8 KiB of bits. */
const PAGE = 65_536

/** The largest number that a set takes. A page is made when it is first needed, so that one stray number costs 8 KiB and no more. */
export const LARGEST_SEQUENCE = 2 ** 32 - 1

/** Sequence numbers as a bitmap in pages: 100 million of them in 12.5 MB. */
export class SequenceSet {
  #pages: (Uint8Array | undefined)[] = []
  #size = 0
  #highest = -1
  #last: { index: number; bits: Uint8Array } = { index: -1, bits: new Uint8Array() }

  /** How many different numbers are in it. */
  get size(): number {
    return this.#size
  }

  /** -1 when it is empty. */
  get highest(): number {
    return this.#highest
  }

  /** False when the number was there already. Numbers are whole, from 0 to LARGEST_SEQUENCE. */
  add(number: number): boolean {
    const bits = this.#page(Math.floor(number / PAGE))
    const byte = (number % PAGE) >> 3
    const bit = 1 << (number & 7)
    const before = bits[byte] as number
    if (before & bit) return false
    bits[byte] = before | bit
    this.#size++
    if (number > this.#highest) this.#highest = number
    return true
  }

  has(number: number): boolean {
    const bits = this.#pages[Math.floor(number / PAGE)]
    return bits !== undefined && ((bits[(number % PAGE) >> 3] as number) & (1 << (number & 7))) !== 0
  }

  /** In rising order. */
  *[Symbol.iterator](): Generator<number> {
    for (const [from, to] of this.ranges()) for (let number = from; number <= to; number++) yield number
  }

  /** Its numbers as unbroken ranges, both ends included. */
  *ranges(): Generator<Range> {
    for (let from = this.#next(0, true); from <= this.#highest; ) {
      const end = this.#next(from + 1, false)
      yield [from, end - 1]
      from = this.#next(end + 1, true)
    }
  }

  /** The numbers from `from` to `to` that are not in it, as unbroken ranges, both ends included. */
  *gaps(from: number, to: number): Generator<Range> {
    for (let start = this.#next(from, false); start <= to; ) {
      const end = this.#next(start + 1, true)
      yield [start, Math.min(end - 1, to)]
      start = this.#next(end + 1, false)
    }
  }

  #page(index: number): Uint8Array {
    if (this.#last.index === index) return this.#last.bits
    const bits = this.#pages[index] ?? new Uint8Array(PAGE / 8)
    this.#pages[index] = bits
    this.#last = { index, bits }
    return bits
  }

  /** The first number from `from` on that is in the set, or that is not; beyond the highest all are missing. */
  #next(from: number, wanted: boolean): number {
    const skipped = wanted ? 0x00 : 0xff
    for (let number = from; number <= this.#highest; ) {
      const bits = this.#pages[Math.floor(number / PAGE)]
      if (!bits) {
        if (!wanted) return number
        number = (Math.floor(number / PAGE) + 1) * PAGE
      } else if (number % 8 === 0 && bits[(number % PAGE) >> 3] === skipped) number += 8
      else if ((((bits[(number % PAGE) >> 3] as number) & (1 << (number & 7))) !== 0) === wanted) return number
      else number++
    }
    return wanted ? Number.POSITIVE_INFINITY : Math.max(from, this.#highest + 1)
  }
}

/** Both ends included. */
export type Range = readonly [from: number, to: number]

/** Rising numbers as unbroken ranges: 1, 2, 3, 7 → [1, 3], [7, 7]. */
export function ranges(numbers: Iterable<number>): [from: number, to: number][] {
  const found: [number, number][] = []
  for (const number of numbers) {
    const last = found.at(-1)
    if (last && last[1] === number - 1) last[1] = number
    else found.push([number, number])
  }
  return found
}
