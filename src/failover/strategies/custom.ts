import type { Endpoint } from '../endpoint.ts'
import type { Health } from '../health.ts'
import type { Member } from '../member.ts'
import { byPriority, isFree, type Strategy } from '../strategy.ts'

/** What a choice of one's own may go by. */
export interface Candidate {
  readonly endpoint: Endpoint
  readonly health: Health
  readonly inFlight: number
  readonly latencyMs: number
  readonly successRate: number
}

/** The chosen one of those that are free, or undefined to go on to the next level. */
export type CustomChoice = (
  candidates: readonly Candidate[],
  request: { readonly key: string | undefined; readonly region: string | undefined },
) => Candidate | undefined

/** A function chooses. It is given only endpoints that may be used; what it returns besides them is no choice. */
export const custom = (choose: CustomChoice): Strategy => ({
  name: 'custom',
  levels: byPriority,
  share: members => (wanted, now) => {
    const free = members.filter(member => isFree(member, wanted, now))
    const candidates = free.map(candidateOf)
    const chosen = candidates.length === 0 ? undefined : choose(candidates, { key: wanted.key, region: wanted.region })
    return chosen && free[candidates.indexOf(chosen)]
  },
})

const candidateOf = ({ endpoint, condition, inFlight, latencyMs, successRate }: Member): Candidate => ({
  endpoint,
  health: condition,
  inFlight,
  latencyMs,
  successRate,
})
