import { type Clock, sleep } from '../../core/clock.ts'
import type { Network, ServiceRecord } from '../../core/host.ts'
import type { Random } from '../../core/random.ts'
import type { Provider } from '../discovery.ts'
import type { EndpointSettings } from '../endpoint.ts'
import { keepAsking } from './keep-asking.ts'

export interface DnsSrvSettings {
  /** `_otlp._tcp.example.com`. */
  readonly name: string
  readonly scheme?: 'http' | 'https'
  /** 30 s. */
  readonly intervalMs?: number
}

interface World {
  readonly clock: Clock
  readonly random: Random
  readonly network: Pick<Network, 'services'>
}

/** SRV records of a name (RFC 2782), with their priorities and weights. */
export const dnsSrvProvider = (
  { name, scheme = 'http', intervalMs = 30_000 }: DnsSrvSettings,
  { clock, random, network }: World,
): Provider => ({
  name: `dns-srv:${name}`,
  run: (report, signal) =>
    keepAsking(
      async () => {
        report.found(endpointsOf(await network.services(name), scheme))
        await sleep(clock, intervalMs, signal)
      },
      report,
      { clock, random },
      signal,
    ),
})

/** A weight of 0 is "a very small chance", and where all have it there is nothing to choose between. */
export function endpointsOf(records: readonly ServiceRecord[], scheme: string): EndpointSettings[] {
  // RFC 2782: a target of the root says that the service is not there.
  const there = records
    .filter(({ name }) => name !== '' && name !== '.')
    // Name servers give them in another order each time, which is not to move the traffic.
    .toSorted((a, b) => (a.name === b.name ? a.port - b.port : a.name < b.name ? -1 : 1))
  const weighted = there.some(({ weight }) => weight > 0)
  return there.map(({ name, port, priority, weight }) => ({
    id: `${name}:${port}`,
    url: `${scheme}://${name}:${port}`,
    priority,
    weight: weight > 0 ? weight : weighted ? 0.1 : 1,
  }))
}
