import type { Address, Host, ServedCall, ServedRequest } from '../../core/host.ts'
import { seeded } from '../../core/random.ts'
import type { Answer, Arrival } from '../../sink/arrival.ts'
import { Doors } from '../../sink/doors.ts'
import { otlpService } from '../../sink/grpc.ts'
import { otlpHandler } from '../../sink/http.ts'
import { Misbehaviour } from '../../sink/misbehaviour.ts'
import type { Fault } from '../../sink/parse-fault.ts'
import { forwardTo, type Wire } from './forward.ts'

export interface FaultProxySettings {
  readonly wire: Wire
  /** Where a collector's exporter sends to. */
  readonly listen: Address
  /** Where the backend listens. */
  readonly upstream: Address
  /** Of the faults' chance. */
  readonly seed: number
}

/**
 * Stands between a collector and a backend and passes every request on, until it is told to misbehave: with the faults of a sink, for
 * a backend that is none. Its faults end with this program, and so does the way to the backend.
 */
export class FaultProxy {
  #doors: Doors
  #misbehaviour: Misbehaviour

  constructor({ wire, listen, upstream, seed }: FaultProxySettings, { clock, network }: Pick<Host, 'clock' | 'network'>) {
    this.#misbehaviour = new Misbehaviour(forwardTo(wire, upstream, { clock, network }), {
      clock,
      random: seeded(seed),
      onPort: open => (open ? this.#doors.open() : this.#doors.close()),
    })
    this.#doors = new Doors({ [wire]: listen }, { http: this.#http, grpc: this.#grpc }, network)
  }

  /** Throws `port-in-use` or `cannot-listen`. */
  open = (): Promise<void> => this.#doors.open()

  /** From now on this fault; none is to pass everything on. */
  become = (fault?: Fault): Promise<void> => this.#misbehaviour.become(fault ? [fault] : [])

  async close(): Promise<void> {
    await this.#doors.close()
    this.#misbehaviour.close()
  }

  // A path before the signal's own belongs to the backend, which is asked for the whole.
  #http = (request: ServedRequest) =>
    otlpHandler(this.#take(request))({ ...request, path: /\/v1\/\w+$/.exec(request.path)?.[0] ?? request.path })

  #grpc = (call: ServedCall) => otlpService(this.#take(call))(call)

  #take =
    ({ path, headers, abandoned }: Pick<ServedRequest, 'path' | 'headers' | 'abandoned'>) =>
    (arrival: Arrival): Promise<Answer> =>
      this.#misbehaviour.receive({ ...arrival, abandoned, via: { path, headers } })
}
