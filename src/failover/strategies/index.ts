import { FailoverctlError } from '../../core/errors.ts'
import { nearest } from '../../core/nearest.ts'
import type { Strategy } from '../strategy.ts'
import { activePassive } from './active-passive.ts'
import { consistentHash, type HashSettings } from './consistent-hash.ts'
import { type GeographicSettings, geographic } from './geographic.ts'
import { healthBased } from './health-based.ts'
import { leastConnections } from './least-connections.ts'
import { randomly } from './random.ts'
import { roundRobin } from './round-robin.ts'
import { weighted } from './weighted.ts'

export type StrategySettings = Partial<HashSettings> & GeographicSettings

/** All that can be named; one of one's own is made with `custom`. */
export const STRATEGIES: ReadonlyMap<string, (settings: StrategySettings) => Strategy> = new Map<
  string,
  (settings: StrategySettings) => Strategy
>([
  ['active-passive', activePassive],
  ['round-robin', roundRobin],
  ['weighted', weighted],
  ['least-connections', leastConnections],
  ['random', randomly],
  ['health-based', healthBased],
  ['consistent-hash', consistentHash],
  ['geographic', geographic],
])

/** Throws `wrong-use` when there is none of this name. */
export function strategyNamed(name: string, settings: StrategySettings = {}): Strategy {
  const make = STRATEGIES.get(name)
  if (make) return make(settings)
  const names = [...STRATEGIES.keys()]
  const meant = nearest(name, names)
  throw new FailoverctlError(
    'wrong-use',
    `there is no strategy ${name}`,
    meant ? `Did you mean ${meant}?` : `There are ${names.join(', ')}.`,
  )
}
