import type { Health } from '../health.ts'
import type { Member } from '../member.ts'
import { byPriority, isFree, type Strategy } from '../strategy.ts'

const RANKS: Readonly<Record<Health, number>> = { healthy: 0, unknown: 1, degraded: 2, unhealthy: 3 }

/** The healthy ones before the unknown and the degraded; of two that are drawn by chance the one that fails less. */
export const healthBased = (): Strategy => ({
  name: 'health-based',
  levels: byPriority,
  share: (members, random) => {
    const best: Member[] = []
    return (wanted, now) => {
      let rank = Number.POSITIVE_INFINITY
      best.length = 0
      for (const member of members) {
        const own = RANKS[member.condition]
        if (own > rank || !isFree(member, wanted, now)) continue
        if (own < rank) best.length = 0
        rank = own
        best.push(member)
      }
      const one = best[Math.floor(random() * best.length)]
      const other = best[Math.floor(random() * best.length)]
      return one && other && other.successRate > one.successRate ? other : one
    }
  },
})
