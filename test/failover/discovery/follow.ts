import { afterEach } from 'vitest'
import type { Provider } from '../../../src/failover/discovery.ts'
import type { EndpointSettings } from '../../../src/failover/endpoint.ts'

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})
/** Runs after the test, last first. */
export const later = (end: () => unknown) => void ends.push(end)

/** What a provider has told so far; it is stopped after the test. */
export function follow(provider: Provider) {
  const stop = new AbortController()
  const told = { sets: [] as (readonly EndpointSettings[])[], failures: [] as string[] }
  const run = provider.run({ found: set => told.sets.push(set), failed: reason => told.failures.push(reason) }, stop.signal)
  later(async () => {
    stop.abort(new Error('the test is over'))
    await run
  })
  return {
    ...told,
    last: () => told.sets.at(-1),
    ids: () => told.sets.at(-1)?.map(({ id, url }) => id ?? url),
  }
}
