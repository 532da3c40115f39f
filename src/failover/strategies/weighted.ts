import type { Member } from '../member.ts'
import { byPriority, isFree, type Strategy } from '../strategy.ts'

/**
 * By weight and evenly spread: with weights 5, 1, 1 the order is a a b a c a a, not five times a in a row
 * (nginx, "smooth weighted round-robin"). Each gains its weight, the richest is chosen and pays what all have gained.
 */
export const weighted = (): Strategy => ({
  name: 'weighted',
  levels: byPriority,
  share: members => (wanted, now) => {
    let total = 0
    let richest: Member | undefined
    for (const member of members) {
      if (!isFree(member, wanted, now)) continue
      const { weight } = member.endpoint
      total += weight
      member.smooth += weight
      if (richest === undefined || member.smooth > richest.smooth) richest = member
    }
    if (richest) richest.smooth -= total
    return richest
  },
})
