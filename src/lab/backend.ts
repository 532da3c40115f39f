import type { Clock } from '../core/clock.ts'
import type { Address, Listener, Network } from '../core/host.ts'
import { readItems } from '../otlp/encodings.ts'
import type { Items } from '../otlp/items.ts'
import type { Payload } from '../otlp/payload.ts'
import type { Signal } from '../otlp/signal.ts'
import type { Witness } from '../otlp/witness.ts'
import { Tally } from '../sink/tally.ts'
import { type Answer, otlpHandler } from './otlp-server.ts'

/** How a backend behaves: as it should, or one of the ways in which they fail. */
export type Mode =
  | { readonly kind: 'up' }
  /** Port closed and connections reset; for a file: every write fails. */
  | { readonly kind: 'stopped' }
  /** Takes connections and requests, answers nothing until it goes on: the slow death that only a timeout notices. */
  | { readonly kind: 'paused' }
  | { readonly kind: 'answers'; readonly status: number; readonly retryAfterS?: number | undefined }

export interface BackendSettings {
  readonly name: string
  /** The exporters that send to it. */
  readonly exporters: readonly string[]
  readonly run: string
  readonly clock: Clock
  /**
   * What a paused server does with a request that its client has given up on, once it goes on. Over HTTP it still
   * handles what lies in its buffers, which makes a duplicate of each; a gRPC client resets the stream, and it is
   * dropped. Measured on core 0.161: SIGSTOP for 8 s, 10 of 10 duplicates over HTTP, 0 of 10 over gRPC.
   */
  readonly takesAbandoned: boolean
  /** Where its data goes besides being counted: the file exporter's file. */
  readonly store?: ((payload: Payload) => Promise<void>) | undefined
}

/** A backend that accepts OTLP, counts what it got, and fails on request. */
export class Backend {
  readonly name: string
  readonly exporters: readonly string[]
  #run: string
  #tally = new Tally()
  #mode: Mode = { kind: 'up' }
  #clock: Clock
  #takesAbandoned: boolean
  #store: BackendSettings['store']
  #resume: (() => void)[] = []
  #listener: Listener | undefined
  #network: Network | undefined
  #markedFrom = Number.POSITIVE_INFINITY
  #firstSinceMark: number | undefined

  constructor({ name, exporters, run, clock, takesAbandoned, store }: BackendSettings) {
    this.name = name
    this.exporters = exporters
    this.#run = run
    this.#clock = clock
    this.#takesAbandoned = takesAbandoned
    this.#store = store
  }

  get mode(): Mode {
    return this.#mode
  }

  /** The spans of the run that it holds. */
  get witness(): Witness {
    return this.#tally.of(this.#run).traces
  }

  /** Spans, data points and log records that it has accepted. */
  get items(): number {
    return Object.values(this.#tally.items).reduce((sum, count) => sum + count, 0)
  }

  /** Where it listens; undefined for a file or for one that only counts. */
  get address(): Address | undefined {
    return this.#listener
  }

  async listen(network: Network, address: Address): Promise<void> {
    this.#network = network
    this.#listener = await network.listen(
      address,
      otlpHandler((payload, abandoned) => this.receive(payload, abandoned)),
    )
  }

  /** Changes how it behaves. Going on from a pause also handles what came in meanwhile. */
  async become(mode: Mode): Promise<void> {
    const before = this.#mode
    this.#mode = mode
    if (mode.kind === 'stopped') await this.#listener?.close()
    // Its exporters know it by its port, so it comes back on the same one.
    else if (before.kind === 'stopped' && this.#listener && this.#network) await this.listen(this.#network, this.#listener)
    if (mode.kind !== 'paused') for (const resume of this.#resume.splice(0)) resume()
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

  async receive(payload: Payload, abandoned = () => false): Promise<Answer> {
    const items = readItems(payload)
    while (this.#mode.kind === 'paused') await new Promise<void>(resolve => this.#resume.push(resolve))
    const mode = this.#mode
    if (abandoned() && !this.#takesAbandoned) return { status: 503 }
    if (mode.kind === 'stopped') return { status: 503, message: 'stopped' }
    if (mode.kind === 'answers') return { status: mode.status, message: `asked to answer ${mode.status}`, ...retryAfter(mode) }
    await this.#store?.(payload)
    this.#count(payload.signal, items)
    return { status: 200 }
  }

  #count(signal: Signal, items: Items) {
    this.#tally.record(signal, items)
    if (this.witness.seen.highest >= this.#markedFrom) this.#firstSinceMark ??= this.#clock.now()
  }

  async close(): Promise<void> {
    if (this.#mode.kind !== 'stopped') await this.become({ kind: 'stopped' })
  }
}

const retryAfter = ({ retryAfterS }: { readonly retryAfterS?: number | undefined }) =>
  retryAfterS === undefined ? {} : { retryAfterS }
