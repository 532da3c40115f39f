import type { Recovered } from '../chaos/recover.ts'

/** What `chaos recover` did, a line a fault. */
export function recoverText(found: readonly Recovered[]): string {
  if (found.length === 0) return 'nothing to undo\n'
  return found
    .map(
      ({ fault, result, what, byHand }) => `${result}: ${fault}: ${what}${result === 'failed' ? `\n  by hand: ${byHand}` : ''}\n`,
    )
    .join('')
}
