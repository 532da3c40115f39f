import type { Address, Host } from '../core/host.ts'
import type { Payload } from '../otlp/payload.ts'
import type { Witness } from '../otlp/witness.ts'
import type { Answer } from '../sink/arrival.ts'
import type { Store } from '../sink/ledger.ts'
import type { Fault } from '../sink/parse-fault.ts'
import { Sink } from '../sink/sink.ts'

export interface BackendSettings {
  readonly name: string
  /** The exporters that send to it. */
  readonly exporters: readonly string[]
  readonly run: string
  readonly wire: 'http' | 'grpc'
  /** Where it listens; nowhere when it is a file or only counts. */
  readonly address: Address | undefined
  /** Where its data goes besides being counted: the file exporter's file. */
  readonly store: Store | undefined
}

/** A sink that stands in for what exporters send to. */
export class Backend {
  readonly name: string
  readonly exporters: readonly string[]
  #run: string
  #wire: 'http' | 'grpc'
  #sink: Sink
  #clock: Host['clock']
  #markedFrom = Number.POSITIVE_INFINITY
  #firstSinceMark: number | undefined

  constructor(
    { name, exporters, run, wire, address, store }: BackendSettings,
    { clock, network }: Pick<Host, 'clock' | 'network'>,
  ) {
    this.name = name
    this.exporters = exporters
    this.#run = run
    this.#wire = wire
    this.#clock = clock
    this.#sink = new Sink({ [wire]: address, store, onTaken: this.#note }, { clock, network })
  }

  /** The spans of the run that it holds. */
  get witness(): Witness {
    return this.#sink.ledger.tally.follow(this.#run).traces
  }

  /** Spans, data points and log records that it has accepted. */
  get items(): number {
    return Object.values(this.#sink.ledger.tally.items).reduce((sum, count) => sum + count, 0)
  }

  /** Where it listens; undefined for a file or for one that only counts. */
  get address(): Address | undefined {
    return this.#sink.address(this.#wire)
  }

  open(): Promise<void> {
    return this.#sink.open()
  }

  /** Changes how it behaves: with a fault, or as it should. Going on from a hang also handles what came in meanwhile. */
  become(fault?: Fault): Promise<void> {
    return this.#sink.become(fault ? [fault] : [])
  }

  /** From now on, `firstSinceMark` tells when it first accepted a span of the run with this sequence number or a later one. */
  mark(fromSequence: number): void {
    this.#markedFrom = fromSequence
    this.#firstSinceMark = undefined
  }

  /** Clock milliseconds. */
  get firstSinceMark(): number | undefined {
    return this.#firstSinceMark
  }

  #note = () => {
    if (this.witness.seen.highest >= this.#markedFrom) this.#firstSinceMark ??= this.#clock.now()
  }

  /** From the same process: a file, or an exporter that the lab only stands in for. */
  receive(payload: Payload): Promise<Answer> {
    return this.#sink.receive({ ...payload, abandoned: () => false })
  }

  close(): Promise<void> {
    return this.#sink.close()
  }
}
