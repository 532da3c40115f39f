import type { Clock } from '../core/clock.ts'
import { MalformedPayload } from '../otlp/contents.ts'
import { readItems } from '../otlp/encodings.ts'
import { Items } from '../otlp/items.ts'
import type { Payload } from '../otlp/payload.ts'
import type { Signal } from '../otlp/signal.ts'
import { type Answer, type Arrival, type Keep, TAKEN } from './arrival.ts'
import { bySignal, Tally } from './tally.ts'

export type KeepAt = (index: number) => boolean

/** Where requests go besides being counted; `keep` says which of their items, by their place. */
export type Store = (payload: Payload, keep: KeepAt | undefined) => Promise<void>

export interface LedgerSettings {
  readonly clock: Clock
  /** False only counts requests and bytes, and does not look inside. */
  readonly counts: boolean
  readonly store?: Store | undefined
  /** Told after each request that was taken. */
  readonly onTaken?: (() => void) | undefined
}

/** All that a receiver has taken, and what it has answered. */
export class Ledger {
  readonly tally = new Tally()
  readonly requests = bySignal(() => 0)
  /** Unpacked, as they were counted. */
  readonly bytes = bySignal(() => 0)
  /** Requests that were no OTLP. */
  malformed = 0
  /** Requests that were dropped because their client had reset them. */
  abandoned = 0
  /** Requests that were not taken, by HTTP status; 0 for a reset connection. */
  readonly refused = new Map<number, number>()
  /** On the clock, in milliseconds: of requests that were taken. */
  firstAt: number | undefined
  lastAt: number | undefined
  /** When a request last came, or was answered, taken or not. */
  contactAt: number | undefined
  /** Requests that have come and have no answer yet. */
  waiting = 0
  #settings: LedgerSettings
  #items = new Items()

  constructor(settings: LedgerSettings) {
    this.#settings = settings
  }

  /** A receiver without faults. Rejects with MalformedPayload. */
  take = async (arrival: Arrival): Promise<Answer> => {
    if (arrival.abandoned()) {
      this.abandoned++
      return { status: 503 }
    }
    const { clock, counts, store, onTaken } = this.#settings
    // Read first, which tells whether it is a request at all; what cannot be stored is not taken. The columns are shared with
    // other requests, so they do not outlive a wait.
    const items = counts || arrival.keep ? readItems(arrival, store ? new Items() : this.#items) : undefined
    const keep = items && arrival.keep ? decided(items, arrival.keep) : undefined
    // Without one nobody waits: even a moment is enough for another request to fill the columns anew.
    // An empty request is for asking whether somebody is there, and a collector's receiver passes none on (core 0.161).
    if (store && (items ?? readItems(arrival)).length > 0) await store(arrival, keep)
    if (items) this.tally.record(arrival.signal, items, keep)
    this.requests[arrival.signal]++
    this.bytes[arrival.signal] += arrival.body.length
    this.firstAt ??= clock.now()
    this.lastAt = clock.now()
    onTaken?.()
    return TAKEN
  }

  /** The same with its faults around it: what they answered is noted. */
  async note(answering: Promise<Answer>): Promise<Answer> {
    this.waiting++
    this.contactAt = this.#settings.clock.now()
    try {
      const answer = await answering
      if (answer.reset || answer.status >= 300) this.#refuse(answer.reset ? 0 : answer.status)
      return answer
    } catch (error) {
      if (error instanceof MalformedPayload) this.malformed++
      else this.#refuse(500)
      throw error
    } finally {
      this.waiting--
      this.contactAt = this.#settings.clock.now()
    }
  }

  #refuse(status: number): void {
    this.refused.set(status, (this.refused.get(status) ?? 0) + 1)
  }

  of(signal: Signal): { requests: number; items: number; bytes: number } {
    return { requests: this.requests[signal], items: this.tally.items[signal], bytes: this.bytes[signal] }
  }
}

/** A fault may decide by chance, so it is asked once for each item, whoever wants to know. */
function decided(items: Items, keep: Keep): KeepAt {
  const isKept = Array.from({ length: items.length }, (_, index) => keep(index, items.sequence[index] as number))
  return index => isKept[index] as boolean
}
