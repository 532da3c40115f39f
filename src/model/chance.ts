import { seeded } from '../core/random.ts'

/** Chance as part of a state: the same seed gives the same number, and the seed to use next time. */
export function draw(seed: number): readonly [value: number, next: number] {
  const random = seeded(seed)
  return [random(), Math.floor(random() * 2 ** 32)]
}

/** `base` spread evenly by ± `factor` of itself. */
export const spread = (base: number, factor: number, chance: number): number => base * (1 + factor * (2 * chance - 1))
