/**
 * A tape of numbers that stands for everything that was chosen at random. Where the tape says 0, or has ended, the first
 * and simplest choice is taken, so that a shorter tape with more zeros is a simpler config.
 */
export class Choices {
  #tape: readonly number[]
  #next = 0

  constructor(tape: readonly number[]) {
    this.#tape = tape
  }

  /** A number from 0 up to, and without, `limit`. */
  below(limit: number): number {
    return (this.#tape[this.#next++] ?? 0) % limit
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T
  }

  /** True in `percent` of 100 cases, and never at the end of the tape. */
  chance(percent: number): boolean {
    return this.below(100) >= 100 - percent
  }
}

/** The shortest and simplest tape that can be found for which `holds` is still true. */
export async function simplify(tape: readonly number[], holds: (tape: readonly number[]) => Promise<boolean>, tries = 150) {
  let best = tape
  let left = tries
  const attempt = async (candidate: readonly number[]) => {
    if (left-- <= 0 || !(await holds(candidate))) return false
    best = candidate
    return true
  }
  for (let size = Math.ceil(best.length / 2); size >= 1 && left > 0; size = Math.floor(size / 2)) {
    for (let start = 0; start < best.length && left > 0; start += size) {
      const part = best.slice(start, start + size)
      if (part.some(number => number !== 0)) await attempt(best.toSpliced(start, part.length, ...part.map(() => 0)))
    }
  }
  return best.slice(0, best.findLastIndex(number => number !== 0) + 1)
}
