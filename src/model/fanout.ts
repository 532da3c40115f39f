import { call, giveBack, type Node, OK, type Result } from './node.ts'

interface Progress {
  readonly next: number
  readonly failed: Result
}

/**
 * One batch to several nodes, one after the other (core 0.161 internal/fanoutconsumer): all are called,
 * and one error makes the whole call an error, so a caller that tries elsewhere gives those that took it a duplicate.
 */
export function fanout(id: string, children: readonly string[]): Node<null, Progress> {
  return {
    id,
    start: null,
    consume: (state, task) => ({
      state,
      actions: [children[0] === undefined ? giveBack(task, OK) : call(children[0], task, id, { next: 1, failed: OK })],
    }),
    resume(state, task, { next, failed }, result) {
      const so: Result = failed.ok ? result : result.ok ? failed : { ...failed, error: `${failed.error}; ${result.error}` }
      const child = children[next]
      return {
        state,
        actions: [child === undefined ? giveBack(task, so) : call(child, task, id, { next: next + 1, failed: so })],
      }
    },
  }
}
