import type { Provider } from '../discovery.ts'
import type { EndpointSettings } from '../endpoint.ts'

/** A set that never changes. */
export const staticProvider = (endpoints: readonly EndpointSettings[]): Provider => ({
  name: 'static',
  run: async ({ found }) => found(endpoints),
})
