import type { Member } from '../member.ts'
import { levelsBy, type Strategy } from '../strategy.ts'
import { weighted } from './weighted.ts'

export interface GeographicSettings {
  /** Where this process runs, unless the request says where it comes from. */
  readonly region?: string | undefined
  readonly zone?: string | undefined
  /** The other regions in the order in which they are to help; those not named come last. */
  readonly regions?: readonly string[]
}

/** Own zone, own region, then the others by order; by priority and weight within each. */
export const geographic = ({ region: own, zone, regions = [] }: GeographicSettings = {}): Strategy => ({
  name: 'geographic',
  byRegion: true,
  levels(members, from = own) {
    const near = from === own ? zone : undefined
    const distance = ({ endpoint }: Member) => {
      // Kubernetes knows zones and no regions.
      if (endpoint.region === from && near !== undefined && endpoint.zone === near) return 0
      if (endpoint.region === from && from !== undefined) return 1
      const order = endpoint.region === undefined ? -1 : regions.indexOf(endpoint.region)
      return 2 + (order < 0 ? regions.length : order)
    }
    return levelsBy(members, distance).flatMap(level => levelsBy(level, ({ endpoint }) => endpoint.priority))
  },
  share: weighted().share,
})
