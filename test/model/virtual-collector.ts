import { type Collector, type CollectorEvent, type CollectorState, startState, step } from '../../src/model/collector.ts'
import type { Batch, Effect, Node, Observation, Result, Task } from '../../src/model/node.ts'

/** What the wire does with an attempt: an answer after some milliseconds. `at` is virtual time. */
export type Wire = (exporter: string, at: number, batch: Batch) => { readonly afterMs: number; readonly result: Result }

export interface Reply {
  readonly request: unknown
  readonly result: Result
  readonly at: number
}

/** Drives a model on virtual time; events due at the same instant happen in the order in which they were set. */
export class VirtualCollector {
  readonly replies: Reply[] = []
  readonly attempts: { readonly exporter: string; readonly at: number; readonly batch: Batch }[] = []
  readonly seen: (Observation & { readonly at: number })[] = []
  now = 0
  /** What the memory limiter sees. */
  memory = () => 0
  state: CollectorState
  #collector: Collector
  #wire: Wire
  #agenda: { readonly at: number; readonly event: CollectorEvent }[] = []

  constructor(nodes: readonly Node[], entry: string, wire: Wire) {
    this.#collector = { nodes: new Map(nodes.map(node => [node.id, node])), entries: new Map([['in', entry]]) }
    this.#wire = wire
    this.state = startState(this.#collector)
  }

  /** A request of `items` spans now. */
  send(request: unknown, items = 1): void {
    const batch = { kind: 'traces json', items, bytes: items * 100, parts: [request] }
    this.#happen({ on: 'arrival', entry: this.#collector.entries.get('in') as string, batch, request })
  }

  /** Lets virtual time pass. */
  advance(ms: number): void {
    const until = this.now + ms
    for (let next = this.#due(until); next; next = this.#due(until)) {
      this.now = next.at
      this.#happen(next.event)
    }
    this.now = until
  }

  /** The levels that the gauge showed, oldest first. */
  get levels(): number[] {
    return this.seen.flatMap(seen => (seen.do === 'level' ? [seen.level] : []))
  }

  #due(until: number) {
    const [next] = this.#agenda
    return next && next.at <= until ? this.#agenda.shift() : undefined
  }

  #later(at: number, event: CollectorEvent) {
    const index = this.#agenda.findIndex(other => other.at > at)
    this.#agenda.splice(index < 0 ? this.#agenda.length : index, 0, { at, event })
  }

  #happen(event: CollectorEvent) {
    const { state, effects } = step(this.#collector, this.state, event, this.now)
    this.state = state
    for (const effect of effects) this.#perform(effect)
  }

  #perform(effect: Effect) {
    if (effect.do === 'reply') this.replies.push({ request: effect.request, result: effect.result, at: this.now })
    else if (effect.do === 'wake') this.#later(effect.at, { on: 'wake', node: effect.node, timer: effect.timer })
    else if (effect.do === 'attempt') this.#attempt(effect.exporter, effect.task, effect.timeoutMs ?? Number.POSITIVE_INFINITY)
    else if (effect.do === 'dial') {
      const { result } = this.#wire(effect.exporter, this.now, NOTHING)
      this.#later(this.now, { on: 'dialed', node: effect.node, ok: result.ok })
    } else if (effect.do === 'measure') this.#later(this.now, { on: 'measured', node: effect.node, bytes: this.memory() })
    else this.seen.push({ ...effect, at: this.now })
  }

  #attempt(exporter: string, task: Task, timeoutMs: number) {
    this.attempts.push({ exporter, at: this.now, batch: task.batch })
    const { afterMs, result } = this.#wire(exporter, this.now, task.batch)
    const timedOut: Result = { ok: false, error: 'context deadline exceeded', permanent: false }
    const answer = afterMs > timeoutMs ? { at: this.now + timeoutMs, result: timedOut } : { at: this.now + afterMs, result }
    this.#later(answer.at, { on: 'answer', task, result: answer.result })
  }
}

const NOTHING: Batch = { kind: 'dial', items: 0, bytes: 0, parts: [] }

export const REFUSED: Result = { ok: false, error: 'connection refused', permanent: false, notSent: true }
export const ACCEPTED: Result = { ok: true }
export const HANGS = { afterMs: Number.POSITIVE_INFINITY, result: ACCEPTED }
export const accepts = { afterMs: 1, result: ACCEPTED }
export const refuses = { afterMs: 0, result: REFUSED }
