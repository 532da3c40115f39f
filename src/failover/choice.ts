import type { Random } from '../core/random.ts'
import type { Choice } from '../otlp/choose.ts'
import type { Verdict } from '../otlp/reply.ts'
import { endpoints as checkedEndpoints, type EndpointSettings } from './endpoint.ts'
import { EventLog } from './events.ts'
import { Failed } from './failure.ts'
import { type Lease, Pool } from './pool.ts'
import { type StrategySettings, strategyNamed } from './strategies/index.ts'

/** Those that a sender can ask for, besides its own two. */
export const SENDER_STRATEGIES = [
  'active-passive',
  'weighted',
  'least-connections',
  'random',
  'health-based',
  'consistent-hash',
  'geographic',
] as const

/** The engine as a sender asks it: which endpoint by its place in the list, told the time. A request has no place while all are out. */
export function engineChoice(
  given: readonly EndpointSettings[],
  strategy: string,
  random: Random,
  where: Pick<StrategySettings, 'region' | 'regions'> = {},
): Choice {
  // The same address may be named twice, with other headers, say: the place tells them apart.
  const all = checkedEndpoints(given.map((one, place) => ({ ...one, id: String(place) })))
  // A trace is to stay together also while its endpoint is busy: a sender asks who gets what, and shares no load.
  const chosen = strategyNamed(strategy, { ...where, loadBound: Number.POSITIVE_INFINITY })
  const settings = { breaker: {}, health: {}, failBackMs: 5000, panic: false, maxPauseMs: 60_000 }
  const pool = new Pool({ ...settings, strategy: chosen }, random, new EventLog(1, () => 0))
  pool.update(all, 0)
  const leases: Lease[][] = all.map(() => [])
  return {
    choose(tried, nowMs, key) {
      const lease = pool.pick({ key, tried: tried.flatMap(place => pool.find(String(place)) ?? []) }, nowMs)
      if (!lease) return undefined
      const place = Number(lease.endpoint.id)
      leases[place]?.push(lease)
      return place
    },
    record(place, verdict, nowMs) {
      const lease = leases[place]?.shift()
      if (lease) pool.end(lease, failureOf(verdict), nowMs)
    },
  }
}

/** What an answer says of the endpoint; undefined is a success. */
export function failureOf(verdict: Verdict): Failed | undefined {
  switch (verdict.kind) {
    case 'accepted':
      return undefined
    case 'try-later':
      return new Failed(verdict.notSent ? 'not-sent' : 'try-later', verdict.reason, { afterMs: verdict.afterMs })
    case 'unknown':
      return new Failed('no-answer', verdict.reason, { timedOut: verdict.timedOut })
    case 'refused':
      return new Failed('refused', verdict.reason)
  }
}
