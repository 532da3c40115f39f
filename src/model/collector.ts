import { FailoverctlError } from '../core/errors.ts'
import type { Action, Batch, Crash, Effect, Node, Result, Task, Turn } from './node.ts'

/** A collector made of nodes. `entries` names the node that a receiver feeds, by receiver id and signal. */
export interface Collector {
  readonly nodes: ReadonlyMap<string, Node>
  readonly entries: ReadonlyMap<string, string>
}

export type CollectorState = ReadonlyMap<string, unknown>

export type CollectorEvent =
  /** A sender's request; the `reply` effect carries `request` back. */
  | {
      readonly on: 'arrival'
      readonly entry: string
      readonly batch: Batch
      readonly request: unknown
      /** When the sender gives up, on the clock that hands in `now`. */
      readonly deadline?: number | undefined
    }
  /** What became of an `attempt`. */
  | { readonly on: 'answer'; readonly task: Task; readonly result: Result }
  | { readonly on: 'dialed'; readonly node: string; readonly ok: boolean }
  | { readonly on: 'wake'; readonly node: string; readonly timer: unknown }
  | { readonly on: 'measured'; readonly node: string; readonly bytes: number }

/** The caller at the root of a sender's request. */
const SENDER = 'sender'

export const startState = (collector: Collector): Map<string, unknown> =>
  new Map(Array.from(collector.nodes, ([id, node]) => [id, node.start]))

/**
 * The whole collector, one event further. Everything that needs no time and no wire happens within the step;
 * the effects are left to the driver, in order.
 */
export function step(
  collector: Collector,
  before: CollectorState,
  event: CollectorEvent,
  now: number,
): { readonly state: CollectorState; readonly effects: readonly Effect[] } {
  const state = new Map(before)
  return { state, effects: stepInPlace(collector, state, event, now) }
}

/** The same on a state that the driver keeps to itself: a copy for each of millions of events costs more than the event. */
export function stepInPlace(collector: Collector, state: Map<string, unknown>, event: CollectorEvent, now: number): Effect[] {
  const run = new Run(collector, state, now)
  switch (event.on) {
    case 'arrival':
      run.call(event.entry, {
        batch: event.batch,
        caller: { node: SENDER, frame: event.request, caller: undefined },
        deadline: event.deadline,
      })
      break
    case 'answer':
      run.giveBack(event.task, event.result)
      break
    case 'dialed':
      run.take(event.node, (node, own) => node.dialed?.(own, event.ok, now))
      break
    case 'wake':
      run.take(event.node, (node, own) => node.wake?.(own, event.timer as never, now))
      break
    case 'measured':
      run.take(event.node, (node, own) => node.measured?.(own, event.bytes, now))
  }
  return run.finish()
}

/** The collector dies and starts again: every node keeps what it wrote to disk, and what memory held is `dropped`. */
export function restart(collector: Collector, state: Map<string, unknown>, crash: Crash, now: number): Effect[] {
  const run = new Run(collector, state, now)
  for (const [id, node] of collector.nodes) if (!node.restart) state.set(id, node.start)
  // Those that go on with what they kept call others, which have to be there by then.
  for (const [id, node] of collector.nodes) if (node.restart) run.take(id, (_, own) => node.restart?.(own, crash, now))
  return run.finish()
}

/** What nodes do within one event. */
class Run {
  readonly effects: Effect[] = []
  #collector: Collector
  #state: Map<string, unknown>
  #now: number
  /** The next action last. */
  #todo: Action[] = []

  constructor(collector: Collector, state: Map<string, unknown>, now: number) {
    this.#collector = collector
    this.#state = state
    this.#now = now
  }

  take(id: string, turn: (node: Node, own: unknown) => Turn<unknown> | undefined): void {
    this.#taken(id, turn(this.#node(id), this.#state.get(id)))
  }

  call(id: string, task: Task): void {
    this.#taken(id, this.#node(id).consume(this.#state.get(id), task, this.#now))
  }

  giveBack(task: Task, result: Result): void {
    const { caller } = task
    if (!caller) return
    if (caller.node === SENDER) this.effects.push({ do: 'reply', request: caller.frame, result })
    else {
      const own = { batch: task.batch, caller: caller.caller, deadline: task.deadline }
      const state = this.#state.get(caller.node)
      this.#taken(caller.node, this.#node(caller.node).resume?.(state, own, caller.frame, result, this.#now))
    }
  }

  finish(): Effect[] {
    for (let action = this.#todo.pop(); action; action = this.#todo.pop()) {
      if (action.do === 'return') this.giveBack(action.task, action.result)
      else if (action.do === 'call') this.call(action.node, action.task)
      else this.effects.push(action)
    }
    return this.effects
  }

  #taken(id: string, turn: Turn<unknown> | undefined): void {
    if (!turn) return
    this.#state.set(id, turn.state)
    // Depth first: a call's consequences come before the caller's next action, as on a call stack.
    for (let index = turn.actions.length - 1; index >= 0; index--) this.#todo.push(turn.actions[index] as Action)
  }

  #node(id: string): Node {
    const node = this.#collector.nodes.get(id)
    if (!node) throw new FailoverctlError('bug', `the model has no node ${id}`)
    return node
  }
}
