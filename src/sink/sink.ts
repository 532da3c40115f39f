import type { Host, HttpHandler } from '../core/host.ts'
import { type Random, seeded } from '../core/random.ts'
import { exposition } from '../metrics/exposition.ts'
import type { Answer, Arrival } from './arrival.ts'
import { type DoorSettings, Doors } from './doors.ts'
import { otlpService } from './grpc.ts'
import { otlpHandler } from './http.ts'
import { Ledger, type Store } from './ledger.ts'
import { Misbehaviour } from './misbehaviour.ts'
import type { Fault } from './parse-fault.ts'
import { samplesOf } from './samples.ts'

export interface SinkSettings extends DoorSettings {
  /** False only counts requests and bytes. */
  readonly counts?: boolean
  readonly store?: Store | undefined
  readonly onTaken?: () => void
  /** Of the faults' chance. */
  readonly seed?: number
}

/** A receiver of OTLP that counts what it gets, and misbehaves on request. */
export class Sink {
  readonly ledger: Ledger
  #misbehaviour: Misbehaviour
  #doors: Doors

  constructor(settings: SinkSettings, { clock, network }: Pick<Host, 'clock' | 'network'>) {
    const { counts = true, store, onTaken, seed = 0 } = settings
    const random: Random = seeded(seed)
    this.ledger = new Ledger({ clock, counts, store, onTaken })
    this.#misbehaviour = new Misbehaviour(this.ledger.take, {
      clock,
      random,
      onPort: open => (open ? this.#doors.open() : this.#doors.close()),
    })
    this.#doors = new Doors(settings, { http: this.#http, grpc: otlpService(this.receive) }, network)
  }

  /** Where it listens; undefined for a protocol that it does not speak. */
  address = (protocol: 'http' | 'grpc') => this.#doors.address(protocol)

  open(): Promise<void> {
    return this.#doors.open()
  }

  /** From now on these faults, by their schedules; none is to behave. */
  become(faults: readonly Fault[]): Promise<void> {
    return this.#misbehaviour.become(faults)
  }

  /** The faults that are on now, as they were written. */
  get faults(): string[] {
    return this.#misbehaviour.active.map(({ text }) => text)
  }

  /** Whether a fault sends every request away, or keeps it waiting, now. */
  get delays(): boolean {
    return this.#misbehaviour.delays
  }

  /** A request, from a listener or from the same process. */
  receive = (arrival: Arrival): Promise<Answer> => this.ledger.note(this.#misbehaviour.receive(arrival))

  /** Stops listening. What still waits for an answer gets none. */
  async close(): Promise<void> {
    await this.#doors.close()
    this.#misbehaviour.close()
  }

  #http: HttpHandler = request => {
    if (request.path !== '/metrics' || request.method !== 'GET') return this.#otlp(request)
    const headers = { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }
    return { status: 200, headers, body: exposition(samplesOf(this.ledger)) }
  }

  #otlp = otlpHandler(this.receive)
}
