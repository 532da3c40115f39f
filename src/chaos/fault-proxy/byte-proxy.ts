import { FailoverctlError } from '../../core/errors.ts'
import type { Address, Network, Relay, RelayWay } from '../../core/host.ts'
import type { PlannedFault } from '../experiment.ts'
import type { Deed } from '../target.ts'

/** What can be done to bytes of which nothing is known. */
const WAYS: Readonly<Partial<Record<Deed, (fault: PlannedFault) => RelayWay>>> = {
  reset: () => ({ resets: true }),
  partition: () => ({ holds: true }),
  latency: ({ latencyMs = 0 }) => ({ delayMs: latencyMs }),
}

export const BYTE_DEEDS = Object.keys(WAYS) as readonly Deed[]

/** Stands between a collector and a backend whose protocol it does not speak: Kafka, or anything over TLS. */
export class ByteProxy {
  #listen: Address
  #upstream: Address
  #network: Pick<Network, 'relay'>
  #relay: Relay | undefined

  constructor(listen: Address, upstream: Address, network: Pick<Network, 'relay'>) {
    this.#listen = listen
    this.#upstream = upstream
    this.#network = network
  }

  /** Throws `port-in-use` or `cannot-listen`. */
  async open(): Promise<void> {
    this.#relay = await this.#network.relay(this.#listen, this.#upstream)
  }

  async do(deed: Deed, fault: PlannedFault): Promise<void> {
    const way = WAYS[deed]
    if (!way) throw new FailoverctlError('not-embedded', `a proxy that only passes bytes on cannot ${deed}`)
    this.#relay?.become(way(fault))
  }

  async behave(): Promise<void> {
    this.#relay?.become({})
  }

  async close(): Promise<void> {
    await this.#relay?.close()
  }
}
