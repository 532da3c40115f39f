import type { Member } from '../member.ts'
import { byPriority, draw, type Strategy } from '../strategy.ts'

/**
 * The less loaded of two that are drawn by chance. To always take the least loaded of all would send
 * every client to the same endpoint at once; two choices are nearly as even and do not herd.
 */
export const leastConnections = (): Strategy => ({
  name: 'least-connections',
  levels: byPriority,
  share: (members, random) => (wanted, now) => {
    const one = draw(members, wanted, now, random)
    const other = one && draw(members, wanted, now, random, one)
    return one && other ? lessLoaded(one, other) : one
  },
})

// Requests without an answer for each unit of weight; then the faster one.
function lessLoaded(one: Member, other: Member): Member {
  const a = one.inFlight * other.endpoint.weight
  const b = other.inFlight * one.endpoint.weight
  if (a !== b) return a < b ? one : other
  return one.latencyMs <= other.latencyMs ? one : other
}
