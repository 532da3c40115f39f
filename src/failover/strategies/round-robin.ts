import { byPriority, isFree, type Strategy } from '../strategy.ts'

/** One after the other. */
export const roundRobin = (): Strategy => ({
  name: 'round-robin',
  levels: byPriority,
  share(members) {
    let last = -1
    return (wanted, now) => {
      for (let step = 1; step <= members.length; step++) {
        const at = (last + step) % members.length
        const member = members[at]!
        if (!isFree(member, wanted, now)) continue
        last = at
        return member
      }
      return undefined
    }
  },
})
