import { FailoverctlError } from '../core/errors.ts'
import type { Provider, Report } from './discovery.ts'
import { endpoints as checkedEndpoints, type Endpoint } from './endpoint.ts'
import type { EventLog } from './events.ts'

/** Joins what was given by hand and what each provider has found. Of two endpoints with one id the first stays. */
export class Sources {
  readonly #events: EventLog
  readonly #changed: (all: readonly Endpoint[]) => void
  /** By the follower, not by its name: one service in two datacenters is two providers of one name. */
  readonly #found = new Map<object, readonly Endpoint[]>()
  readonly #byHand = {}
  readonly #running: Promise<void>[] = []

  constructor(events: EventLog, changed: (all: readonly Endpoint[]) => void) {
    this.#events = events
    this.#changed = changed
  }

  fixed(endpoints: readonly Endpoint[]): void {
    this.#set(this.#byHand, endpoints)
  }

  /** Resolves at the first report. */
  follow(provider: Provider, signal: AbortSignal): Promise<void> {
    return new Promise(resolve => {
      const report = this.#reportOf(provider.name, resolve)
      const run = provider.run(report, signal).catch(error => {
        // A provider only rejects because it was told to stop; anything else is a bug that must not go unseen.
        if (!signal.aborted) report.failed(`a bug: ${error instanceof Error ? error.message : String(error)}`)
      })
      this.#running.push(run.finally(resolve))
    })
  }

  async ended(): Promise<void> {
    await Promise.all(this.#running)
  }

  #reportOf(provider: string, first: () => void): Report {
    const source = {}
    // Its place is the one in which it was named, not the one in which it answered: the first is meant to come first.
    this.#found.set(source, [])
    let failing = false
    const failed = (reason: string) => {
      if (!failing) this.#events.add({ type: 'discovery-failed', provider, reason })
      failing = true
      first()
    }
    return {
      failed,
      found: given => {
        try {
          this.#set(source, checkedEndpoints(given))
        } catch (error) {
          if (!(error instanceof FailoverctlError)) throw error
          return failed(error.message)
        }
        if (failing) this.#events.add({ type: 'discovery-restored', provider })
        failing = false
        first()
      },
    }
  }

  #set(source: object, endpoints: readonly Endpoint[]): void {
    this.#found.set(source, endpoints)
    const byId = new Map<string, Endpoint>()
    for (const endpoint of [...this.#found.values()].flat()) if (!byId.has(endpoint.id)) byId.set(endpoint.id, endpoint)
    this.#changed([...byId.values()])
  }
}
