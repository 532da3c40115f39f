const BITS = 8

/** Sequence numbers as a bitmap that grows: 100 million of them in 12.5 MB. */
export class SequenceSet {
  #bits = new Uint8Array(1024)
  #size = 0

  /** How many different numbers are in it. */
  get size(): number {
    return this.#size
  }

  /** False when the number was there already. Numbers are whole, 0 or more. */
  add(number: number): boolean {
    const [byte, bit] = [Math.floor(number / BITS), 1 << (number % BITS)]
    if (byte >= this.#bits.length) this.#grow(byte + 1)
    if ((this.#bits[byte] as number) & bit) return false
    this.#bits[byte] = (this.#bits[byte] as number) | bit
    this.#size++
    return true
  }

  has(number: number): boolean {
    return ((this.#bits[Math.floor(number / BITS)] ?? 0) & (1 << (number % BITS))) !== 0
  }

  /** In rising order. */
  *[Symbol.iterator](): Generator<number> {
    for (let byte = 0; byte < this.#bits.length; byte++) {
      if (this.#bits[byte] === 0) continue
      for (let bit = 0; bit < BITS; bit++) if ((this.#bits[byte] as number) & (1 << bit)) yield byte * BITS + bit
    }
  }

  #grow(length: number) {
    const larger = new Uint8Array(Math.max(length, this.#bits.length * 2))
    larger.set(this.#bits)
    this.#bits = larger
  }
}

/** Rising numbers as unbroken ranges, both ends included: 1, 2, 3, 7 → [1, 3], [7, 7]. */
export function ranges(numbers: Iterable<number>): [from: number, to: number][] {
  const found: [number, number][] = []
  for (const number of numbers) {
    const last = found.at(-1)
    if (last && last[1] === number - 1) last[1] = number
    else found.push([number, number])
  }
  return found
}
