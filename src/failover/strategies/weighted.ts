import { byPriority, isFree, type Strategy } from '../strategy.ts'

/**
 * By weight and evenly spread: with weights 5, 1, 1 the order is a a b a c a a, not five times a in a row
 * (nginx, "smooth weighted round-robin"). Each gains its weight, the richest is chosen and pays what all have gained.
 */
export const weighted = (): Strategy => ({
  name: 'weighted',
  levels: byPriority,
  share(members) {
    const weights = Float64Array.from(members, ({ endpoint }) => endpoint.weight)
    const wealth = new Float64Array(members.length)
    return (wanted, now) => {
      let total = 0
      let richest = -1
      for (let at = 0; at < members.length; at++) {
        if (!isFree(members[at]!, wanted, now)) continue
        total += weights[at]!
        wealth[at]! += weights[at]!
        if (richest < 0 || wealth[at]! > wealth[richest]!) richest = at
      }
      if (richest >= 0) wealth[richest]! -= total
      return members[richest]
    }
  },
})
