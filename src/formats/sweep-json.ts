import type { Choice, Dimension, Tried } from '../simulate/sweep.ts'
import { json } from './json.ts'

/** `{best, tried}`: settings by the keys of the sweep; `best` is null when no choice holds what was asserted. */
export function sweepJson(dimensions: readonly Dimension[], tried: readonly Tried[], best: Tried | undefined): string {
  const named = (choice: Choice) => Object.fromEntries(dimensions.map(({ key }, index) => [key, choice[index]]))
  return json({
    best: best ? named(best.choice) : null,
    tried: tried.map(({ choice, simulation, refusal }) => ({
      settings: named(choice),
      refusal: refusal ?? null,
      verdict: simulation?.outcome.verdict ?? null,
      spread: simulation?.spread ?? null,
      assertions: simulation?.assertions ?? [],
    })),
  })
}
