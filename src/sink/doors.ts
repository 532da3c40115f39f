import type { Address, GrpcHandler, HttpHandler, Listener, Network, Tls } from '../core/host.ts'

export interface DoorSettings {
  readonly http?: Address | undefined
  readonly grpc?: Address | undefined
  readonly tls?: Tls | undefined
  readonly maxRequestBytes?: number | undefined
}

interface Handlers {
  readonly http: HttpHandler
  readonly grpc: GrpcHandler
}

type Protocol = keyof Handlers

/** Where a receiver listens. Closed doors open again at the same ports, by which their senders know them. */
export class Doors {
  #settings: DoorSettings
  #handlers: Handlers
  #network: Network
  #listeners = new Map<Protocol, Listener>()
  #addresses = new Map<Protocol, Address>()
  /** One change after the other: a port cannot be opened before it is closed. */
  #change: Promise<void> = Promise.resolve()

  constructor(settings: DoorSettings, handlers: Handlers, network: Network) {
    this.#settings = settings
    this.#handlers = handlers
    this.#network = network
    for (const protocol of ['http', 'grpc'] as const) {
      const address = settings[protocol]
      if (address) this.#addresses.set(protocol, address)
    }
  }

  /** Where it listens, or will again; with the port that was free when 0 was asked for. */
  address(protocol: Protocol): Address | undefined {
    return this.#addresses.get(protocol)
  }

  /** Throws `port-in-use` or `cannot-listen`. */
  open(): Promise<void> {
    return this.#next(async () => {
      for (const [protocol, address] of this.#addresses) {
        if (this.#listeners.has(protocol)) continue
        const listener = await this.#listen(protocol, address)
        this.#listeners.set(protocol, listener)
        this.#addresses.set(protocol, { host: listener.host, port: listener.port })
      }
    })
  }

  close(): Promise<void> {
    return this.#next(async () => {
      for (const [protocol, listener] of [...this.#listeners]) {
        this.#listeners.delete(protocol)
        await listener.close()
      }
    })
  }

  #listen(protocol: Protocol, address: Address): Promise<Listener> {
    const { tls, maxRequestBytes } = this.#settings
    return protocol === 'http'
      ? this.#network.listen(address, this.#handlers.http, tls, maxRequestBytes)
      : this.#network.listenGrpc(address, this.#handlers.grpc, tls, maxRequestBytes)
  }

  #next(change: () => Promise<void>): Promise<void> {
    const done = this.#change.then(change)
    this.#change = done.catch(() => {})
    return done
  }
}
