import { formatDuration } from '../core/duration.ts'
import { assess, type Claim } from '../experiment/assertion.ts'
import type { Figures } from '../experiment/figures.ts'
import type { Check, LedgerSummary } from '../model/outcome.ts'
import { whereInstead } from '../outage/checks.ts'
import type { Expectation, Transition } from '../outage/measured.ts'
import type { Observer, RunEvent, RunView } from './events.ts'

interface Step {
  readonly at: number
  /** `stop secondary`, `primary back`. */
  readonly after: string
  readonly transition: Transition
}

/** What a run is held against besides its first failover and its last recovery: every change of level in between, and claims. */
export class Assessing implements Observer {
  #claims: readonly Claim[]
  #allowed: Expectation
  #hasLevels: boolean
  #steps: Step[] = []
  #changes: string[] = []
  #changedAt = 0
  #ledger: LedgerSummary | undefined
  #peakQueue = 0

  /** `hasLevels`: the config has a connector; without one, nobody can see that nothing takes the traffic. */
  constructor(claims: readonly Claim[], allowed: Expectation, hasLevels: boolean) {
    this.#claims = claims
    this.#allowed = allowed
    this.#hasLevels = hasLevels
  }

  hear(event: RunEvent, view: RunView): void {
    if (event.kind === 'fault') this.#changed(`${event.fault.kind} ${event.fault.on}`, event.at_s)
    if (event.kind === 'undone') this.#changed(`${event.fault.on} is back`, event.at_s)
    if (event.kind === 'transition') {
      this.#steps.push({ at: this.#changedAt, after: this.#changes.join(', '), transition: event.transition })
      this.#changes = []
    }
    if (event.kind === 'drained') {
      this.#ledger = event.ledger
      this.#peakQueue = view.peakQueue
    }
  }

  checks(): readonly Check[] {
    const figures = this.figures(0, 'unknown')
    return [...this.#between(), ...(figures ? this.#claims.map(claim => checkOf(claim, figures)) : [])]
  }

  /** undefined before the ledger is there. */
  figures(seed: number, verdict: Figures['verdict']): Figures | undefined {
    if (!this.#ledger) return undefined
    const { sent, acknowledged, refused, unknown, lost, duplicated, queued } = this.#ledger
    const { failover, recovery } = this.#ends()
    return {
      seed,
      verdict,
      failover_time: failover?.transition.time_s ?? null,
      recovery_time: recovery?.transition.time_s ?? null,
      ...{ sent, acknowledged, refused, unknown, lost, duplicated, queued },
      peak_queue: Math.round(this.#peakQueue * 1e4) / 1e4,
    }
  }

  #changed(what: string, at: number): void {
    if (this.#changes.length === 0) this.#changedAt = at
    this.#changes.push(what)
  }

  /** The first change for the worse, and the last of all: those have checks of their own. */
  #ends(): { readonly failover: Step | undefined; readonly recovery: Step | undefined } {
    const worse = this.#steps.findIndex(({ transition }) => transition.expected !== 0)
    return { failover: this.#steps[worse], recovery: this.#steps.slice(worse + 1).at(-1) }
  }

  #between(): Check[] {
    const { failover, recovery } = this.#ends()
    return this.#steps.flatMap((step, index) => {
      if (step === failover || step === recovery) return []
      const { expected, reached, cutShort, time_s, interval_s } = step.transition
      if (!this.#hasLevels && expected < 0) return []
      const before = this.#steps[index - 1]?.transition.expected ?? 0
      const isBetter = before < 0 ? expected >= 0 : expected >= 0 && expected < before
      const withinMs = isBetter ? this.#allowed.recoverWithinMs : this.#allowed.failoverWithinMs
      return {
        name: `level ${expected} after ${step.after}`,
        // A level that was given less time than it is allowed has not missed it.
        result: reached ? 'held' : cutShort ? 'skipped' : 'deviated',
        expected: `level ${expected} within ${formatDuration(withinMs)}`,
        observed: reached
          ? `level ${expected}${time_s === null ? '' : ` after ${formatDuration(time_s * 1000)}`}`
          : `${whereInstead(step.transition)}${cutShort ? '; not judged: the next change came before that time was over' : ''}`,
        evidence: interval_s ? `seen between ${interval_s[0].toFixed(2)} and ${interval_s[1].toFixed(2)} s` : '',
        at_s: step.at,
        took_s: time_s,
      }
    })
  }
}

function checkOf(claim: Claim, figures: Figures): Check {
  const { text, holds, reason } = assess(claim, [figures])
  return {
    name: text,
    result: holds ? 'held' : 'deviated',
    expected: text,
    observed: reason,
    evidence: 'the figures of the run',
    at_s: null,
    took_s: null,
  }
}
