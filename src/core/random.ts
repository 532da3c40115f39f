/** A number from 0 (included) to 1 (excluded). Handed in, so that a run can be repeated from its seed. */
export type Random = () => number

/** A small generator with a 32-bit seed (mulberry32): the same seed gives the same run. */
export function seeded(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A seed that fits `seeded`, drawn from another source of chance. */
export const drawSeed = (random: Random): number => Math.floor(random() * 2 ** 32)
