import type { BreakerState } from './breaker.ts'
import type { FailoverCode } from './failover-error.ts'
import type { Health } from './health.ts'

/** What happened, without the time. */
export type Happening =
  | { readonly type: 'endpoint-added' | 'endpoint-removed'; readonly endpoint: string }
  | {
      readonly type: 'health-changed'
      readonly endpoint: string
      readonly from: Health
      readonly to: Health
      readonly cause: string
    }
  | { readonly type: 'breaker-changed'; readonly endpoint: string; readonly to: BreakerState; readonly cause: string }
  /** Requests now go to another level than before: away from one that is out, or back. */
  | { readonly type: 'failover' | 'fail-back'; readonly from: readonly string[]; readonly to: readonly string[] }
  /** No endpoint passes its checks: the checks are not believed until one does. */
  | { readonly type: 'panic-started' | 'panic-ended' }
  | { readonly type: 'request-failed'; readonly code: FailoverCode; readonly reason: string }
  /** The last known endpoints are kept. */
  | { readonly type: 'discovery-failed'; readonly provider: string; readonly reason: string }
  | { readonly type: 'discovery-restored'; readonly provider: string }

/** `at` in milliseconds since 1970. */
export type FailoverEvent = Happening & { readonly at: number }

export type EventListener = (event: FailoverEvent) => void

/**
 * The latest events, never more than `limit`; listeners hear every one. Requests that fail one after the other for
 * the same reason are kept as one, the last: an outage would push out how it came about.
 */
export class EventLog {
  readonly #limit: number
  readonly #epochMs: () => number
  readonly #listeners = new Set<EventListener>()
  #kept: FailoverEvent[] = []
  #next = 0

  constructor(limit: number, epochMs: () => number) {
    this.#limit = Math.max(1, limit)
    this.#epochMs = epochMs
  }

  add(happening: Happening): void {
    const event = { ...happening, at: this.#epochMs() }
    const last = (this.#next + this.#limit - 1) % this.#limit
    if (isSameFailure(this.#kept[last], event)) this.#kept[last] = event
    else {
      this.#kept[this.#next] = event
      this.#next = (this.#next + 1) % this.#limit
    }
    for (const listener of this.#listeners) {
      try {
        listener(event)
      } catch (error) {
        // A bug of its own, to be seen as one: a request that worked must not fail by it, and be sent again.
        void Promise.reject(error)
      }
    }
  }

  /** The returned function takes the listener away. */
  listen(listener: EventListener): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** The newest `count` of those that are kept, oldest first. */
  latest(count = this.#limit): FailoverEvent[] {
    const inOrder = [...this.#kept.slice(this.#next), ...this.#kept.slice(0, this.#next)]
    return count > 0 ? inOrder.slice(-count) : []
  }
}

const isSameFailure = (before: FailoverEvent | undefined, event: FailoverEvent): boolean =>
  before?.type === 'request-failed' && event.type === 'request-failed' && before.code === event.code
