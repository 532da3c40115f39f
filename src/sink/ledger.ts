import type { Clock } from '../core/clock.ts'
import { MalformedPayload } from '../otlp/contents.ts'
import { readItems } from '../otlp/encodings.ts'
import { Items } from '../otlp/items.ts'
import type { Payload } from '../otlp/payload.ts'
import type { Signal } from '../otlp/signal.ts'
import { type Answer, type Arrival, type Keep, TAKEN } from './arrival.ts'
import { bySignal, Tally } from './tally.ts'

/** Where requests go besides being counted; `keep` says which of their items. */
export type Store = (payload: Payload, keep: Keep | undefined) => Promise<void>

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
  /** On the clock, in milliseconds. */
  firstAt: number | undefined
  lastAt: number | undefined
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
    const keep = store ? once(arrival.keep) : arrival.keep
    // Read first, which tells whether it is a request at all; what cannot be stored is not taken. The columns are shared with
    // other requests, so they do not outlive a wait.
    const items = counts ? readItems(arrival, store ? new Items() : this.#items) : undefined
    await store?.(arrival, keep)
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
    try {
      const answer = await answering
      const status = answer.reset ? 0 : answer.status
      if (status >= 300 || status === 0) this.refused.set(status, (this.refused.get(status) ?? 0) + 1)
      return answer
    } catch (error) {
      if (error instanceof MalformedPayload) this.malformed++
      throw error
    } finally {
      this.waiting--
    }
  }

  of(signal: Signal): { requests: number; items: number; bytes: number } {
    return { requests: this.requests[signal], items: this.tally.items[signal], bytes: this.bytes[signal] }
  }
}

/** A fault may decide by chance, so it is asked once for each item, whoever wants to know. */
function once(keep: Keep | undefined): Keep | undefined {
  if (!keep) return undefined
  const decided = new Map<number, boolean>()
  return (index, sequence) => {
    const before = decided.get(index)
    if (before !== undefined) return before
    const now = keep(index, sequence)
    decided.set(index, now)
    return now
  }
}
