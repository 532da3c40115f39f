import { byPriority, isFree, type Strategy } from '../strategy.ts'

/** The healthy ones before the unknown and the degraded; of two that are drawn by chance the one that fails less. */
export const healthBased = (): Strategy => ({
  name: 'health-based',
  levels: byPriority,
  share(members, random) {
    const best = new Uint32Array(members.length)
    return (wanted, now) => {
      let rank = Number.POSITIVE_INFINITY
      let count = 0
      for (let at = 0; at < members.length; at++) {
        const member = members[at]!
        if (member.rank > rank || !isFree(member, wanted, now)) continue
        if (member.rank < rank) count = 0
        rank = member.rank
        best[count++] = at
      }
      if (count === 0) return undefined
      const one = members[best[Math.floor(random() * count)]!]!
      const other = members[best[Math.floor(random() * count)]!]!
      return other.successRate > one.successRate ? other : one
    }
  },
})
