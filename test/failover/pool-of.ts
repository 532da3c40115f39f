import { type Random, seeded } from '../../src/core/random.ts'
import { type EndpointSettings, endpoints } from '../../src/failover/endpoint.ts'
import { EventLog } from '../../src/failover/events.ts'
import { Failed } from '../../src/failover/failure.ts'
import { Pool, type PoolSettings } from '../../src/failover/pool.ts'
import type { Strategy, Wanted } from '../../src/failover/strategy.ts'

export const refusedConnection = new Failed('not-sent', 'ECONNREFUSED')

/** A pool with a strategy, told the time by hand. */
export function poolOf(
  strategy: Strategy,
  given: readonly (EndpointSettings | string)[],
  settings: Partial<PoolSettings> = {},
  random: Random = seeded(1),
) {
  const time = { now: 0 }
  const events = new EventLog(1000, () => time.now)
  const pool = new Pool(
    { strategy, breaker: { jitter: 0 }, health: {}, failBackMs: 1000, panic: true, maxPauseMs: 60_000, ...settings },
    random,
    events,
  )
  const set = (all: readonly (EndpointSettings | string)[]) =>
    pool.update(endpoints(all.map(one => (typeof one === 'string' ? { url: one } : one))), time.now)
  set(given)
  return {
    pool,
    time,
    events,
    set,
    /** One request that ends at once. */
    send(works: boolean | ((id: string) => boolean) = true, wanted: Partial<Wanted> = {}): string | undefined {
      const lease = pool.pick(wanted, time.now)
      if (!lease) return undefined
      const worked = typeof works === 'boolean' ? works : works(lease.endpoint.id)
      pool.end(lease, worked ? undefined : refusedConnection, time.now)
      return lease.endpoint.id
    },
    /** What a check says, so often. */
    check(id: string, passed: boolean, times = 3) {
      const member = pool.find(id)!
      for (let i = 0; i < times; i++) member.health.check(passed, 1, 'tcp')
      member.refresh(time.now)
    },
    types: () => events.latest().map(({ type }) => type),
  }
}

export const abc = ['a', 'b', 'c'].map(id => ({ id, url: `http://${id}` }))

export const numbered = (n: number, extra: Partial<EndpointSettings> = {}) =>
  Array.from({ length: n }, (_, i) => ({ id: `e${i}`, url: `http://e${i}`, ...extra }))
