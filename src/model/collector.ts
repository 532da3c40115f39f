import { FailoverctlError } from '../core/errors.ts'
import type { Action, Batch, Effect, Node, Result, Task, Turn } from './node.ts'

/** A collector made of nodes. `entries` names the node that a receiver feeds, by receiver id and signal. */
export interface Collector {
  readonly nodes: ReadonlyMap<string, Node>
  readonly entries: ReadonlyMap<string, string>
}

export type CollectorState = ReadonlyMap<string, unknown>

export type CollectorEvent =
  /** A sender's request; the `reply` effect carries `request` back. */
  | { readonly on: 'arrival'; readonly entry: string; readonly batch: Batch; readonly request: unknown }
  /** What became of an `attempt`. */
  | { readonly on: 'answer'; readonly task: Task; readonly result: Result }
  | { readonly on: 'dialed'; readonly node: string; readonly ok: boolean }
  | { readonly on: 'wake'; readonly node: string; readonly timer: unknown }

/** The caller at the root of a sender's request. */
const SENDER = 'sender'

export const startState = (collector: Collector): CollectorState =>
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
  const effects: Effect[] = []
  const todo: Action[] = []
  const take = (id: string, turn: (node: Node, own: unknown) => Turn<unknown> | undefined) => {
    const node = collector.nodes.get(id)
    if (!node) throw new FailoverctlError('bug', `the model has no node ${id}`)
    const taken = turn(node, state.get(id))
    if (!taken) return
    state.set(id, taken.state)
    // Depth first: a call's consequences come before the caller's next action, as on a call stack.
    todo.unshift(...taken.actions)
  }
  const giveBack = (task: Task, result: Result) => {
    const { caller } = task
    if (!caller) return
    if (caller.node === SENDER) effects.push({ do: 'reply', request: caller.frame, result })
    else {
      const own = { batch: task.batch, caller: caller.caller }
      take(caller.node, (node, mine) => node.resume?.(mine, own, caller.frame, result, now))
    }
  }

  switch (event.on) {
    case 'arrival':
      todo.push({
        do: 'call',
        node: event.entry,
        task: { batch: event.batch, caller: { node: SENDER, frame: event.request, caller: undefined } },
      })
      break
    case 'answer':
      giveBack(event.task, event.result)
      break
    case 'dialed':
      take(event.node, (node, own) => node.dialed?.(own, event.ok, now))
      break
    case 'wake':
      take(event.node, (node, own) => node.wake?.(own, event.timer as never, now))
      break
  }
  for (let action = todo.shift(); action; action = todo.shift()) {
    if (action.do === 'return') giveBack(action.task, action.result)
    else if (action.do === 'call') {
      const { task } = action
      take(action.node, (node, own) => node.consume(own, task, now))
    } else effects.push(action)
  }
  return { state, effects }
}
