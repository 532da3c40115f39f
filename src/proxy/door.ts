import { FailoverctlError } from '../core/errors.ts'
import { GRPC } from '../core/grpc.ts'
import type { DrainedListener, Host, StreamListener, StreamReply } from '../core/host.ts'
import type { FailoverEvent } from '../failover/events.ts'
import { Manager } from '../failover/manager.ts'
import { probeOf } from '../failover/probes/index.ts'
import type { ListenerConfig } from './config.ts'
import { forwardGrpc } from './grpc-door.ts'
import { HeldTotal } from './held-total.ts'
import { forwardHttp } from './http-door.ts'
import { type LastFound, providerOf } from './providers.ts'

export type Tell = (listener: string, event: FailoverEvent) => void

const BUSY: StreamReply = {
  status: 503,
  headers: { 'retry-after': '1', 'content-type': 'text/plain' },
  body: 'too many requests at once\n',
}

/** One address with what stands behind it. The engine can be exchanged while it listens. */
export class Door {
  config: ListenerConfig
  manager: Manager
  readonly #host: Host
  readonly #tell: Tell
  #listener: DrainedListener | StreamListener | undefined
  /** Requests under way, and those that were turned away because there were too many. */
  open = 0
  turnedAway = 0
  readonly held = new HeldTotal()
  readonly #found: LastFound = new Map()

  private constructor(config: ListenerConfig, host: Host, tell: Tell) {
    this.config = config
    this.#host = host
    this.#tell = tell
    this.manager = this.#engine(config)
  }

  /** Throws `port-in-use` or `cannot-listen`. */
  static async open(config: ListenerConfig, host: Host, tell: Tell): Promise<Door> {
    const door = new Door(config, host, tell)
    try {
      door.#listener = await door.#listen()
    } catch (error) {
      await door.manager.close()
      throw error
    }
    return door
  }

  get port(): number {
    return this.#listener?.port ?? 0
  }

  /**
   * Takes on other settings for the same address. When only endpoints differ the engine stays; else requests under way end
   * with the old one, breakers stay as they are, and the figures begin anew.
   */
  change(config: ListenerConfig, drainMs: number): void {
    const before = this.manager
    const same = engineKey(config) === engineKey(this.config)
    this.config = config
    if (same) {
      before.setEndpoints(config.endpoints)
      return
    }
    this.manager = this.#engine(config)
    this.manager.restore(before.save())
    void before.close(drainMs)
  }

  /** What takes on other certificates. Throws `cannot-listen` when they, or a gRPC listener's limit, cannot be had without a new start. */
  renewal({ tls, name, maxBytes, protocol }: ListenerConfig): () => void {
    // Its library is told the limit once; over HTTP each request is held to that of its own time.
    if (protocol === 'grpc' && maxBytes !== this.config.maxBytes) {
      throw new FailoverctlError(
        'cannot-listen',
        `${name}: another limits.body of a gRPC listener needs a new start of the proxy`,
      )
    }
    const before = this.config.tls
    if (JSON.stringify(tls) === JSON.stringify(before)) return () => {}
    if (tls && before && this.#listener && 'renewal' in this.#listener) return this.#listener.renewal(tls)
    throw new FailoverctlError('cannot-listen', `${name}: these certificates need a new start of the proxy`)
  }

  async drain(ms: number): Promise<void> {
    await this.#listener?.drain(ms)
    await this.manager.close()
  }

  #engine(config: ListenerConfig): Manager {
    const { probe, engine, endpoints, discovery, name } = config
    const manager = new Manager(endpoints, engine, { ...this.#host, ...(probe ? { probe: probeOf(probe, this.#host) } : {}) })
    manager.events.listen(event => this.#tell(name, event))
    for (const provider of discovery) void manager.discover(providerOf(provider, this.#host, this.#found))
    return manager
  }

  #listen(): Promise<DrainedListener | StreamListener> {
    const { network, clock } = this.#host
    const world = { network, epochMs: () => clock.epochMs(), held: this.held }
    const { listen, protocol, tls } = this.config
    if (protocol === 'http') {
      return network.serve(
        listen,
        request => this.#admit(() => forwardHttp(request, this.manager, this.config, world), BUSY),
        tls,
      )
    }
    const full = { code: GRPC.UNAVAILABLE, message: 'too many requests at once', retryDelayMs: 1000 }
    const handle = async (call: Parameters<typeof forwardGrpc>[0]) => {
      const { length } = call.body
      if (!this.held.take(length, this.config.heldTotalBytes)) {
        this.turnedAway++
        return { ...full, message: 'too much is under way' }
      }
      try {
        return await this.#admit(() => forwardGrpc(call, this.manager, this.config, network), full)
      } finally {
        this.held.give(length)
      }
    }
    return network.listenGrpc(listen, handle, tls, this.config.maxBytes)
  }

  async #admit<T>(serve: () => Promise<T>, full: T): Promise<T> {
    if (this.open >= this.config.maxRequests) {
      this.turnedAway++
      return full
    }
    this.open++
    try {
      return await serve()
    } finally {
      this.open--
    }
  }
}

const engineKey = ({ engine, probe, discovery }: ListenerConfig) => JSON.stringify([engine, probe, discovery])
