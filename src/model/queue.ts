import { EMPTY, type Fifo, push, shift } from './fifo.ts'
import { type Action, type Batch, call, giveBack, type Node, OK, type Task, type Turn } from './node.ts'

/** exporterhelper's `sending_queue` in memory (core 0.161), in front of an exporter or of the failover connector. */
export interface QueueSettings {
  /** The exporter or connector whose queue it is, as its metrics name it. */
  readonly owner: string
  readonly signal: string
  readonly child: string
  readonly size: number
  readonly sizer: 'requests' | 'items' | 'bytes'
  readonly consumers: number
  readonly blockOnOverflow: boolean
  readonly waitForResult: boolean
}

export interface QueueState {
  readonly waiting: Fifo<Task>
  /** Callers that wait for room (`block_on_overflow`). */
  readonly blocked: Fifo<Task>
  /** What is waiting and what the consumers hold, in units of the sizer: both count against `queue_size`. */
  readonly size: number
  readonly busy: number
}

export const QUEUE_FULL = 'sending queue is full'

export function queue(id: string, settings: QueueSettings): Node<QueueState, Task> {
  const { owner, signal, child, sizer } = settings
  const cost = ({ items, bytes }: Batch) => ({ requests: 1, items, bytes })[sizer]
  const gauge = ({ size }: QueueState): Action => ({ do: 'queue', owner, signal, size })

  // `wait_for_result` keeps the caller; otherwise it has its answer before anything is sent.
  const admit = (state: QueueState, task: Task): Turn<QueueState> => ({
    state: { ...state, size: state.size + cost(task.batch), waiting: push(state.waiting, task) },
    actions: settings.waitForResult ? [] : [giveBack(task, OK)],
  })

  /** Gives waiting batches to free consumers, and freed room to blocked callers. */
  const dispatch = (from: Turn<QueueState>): Turn<QueueState> => {
    let { state } = from
    const actions = [...from.actions]
    for (let blocked = shift(state.blocked); blocked && state.size + cost(blocked[0].batch) <= settings.size; ) {
      const admitted = admit({ ...state, blocked: blocked[1] }, blocked[0])
      state = admitted.state
      actions.push(...admitted.actions)
      blocked = shift(state.blocked)
    }
    for (let next = shift(state.waiting); next && state.busy < settings.consumers; next = shift(state.waiting)) {
      const [task, waiting] = next
      state = { ...state, waiting, busy: state.busy + 1 }
      actions.push(call(child, { batch: task.batch, caller: undefined }, id, task))
    }
    return { state, actions: [gauge(state), ...actions] }
  }

  return {
    id,
    start: { waiting: EMPTY, blocked: EMPTY, size: 0, busy: 0 },

    consume(state, task) {
      if (state.size + cost(task.batch) <= settings.size) return dispatch(admit(state, task))
      if (settings.blockOnOverflow) return { state: { ...state, blocked: push(state.blocked, task) }, actions: [] }
      return { state, actions: [giveBack(task, { ok: false, error: QUEUE_FULL, permanent: false })] }
    },

    resume(state, _, original, result) {
      const freed = { ...state, busy: state.busy - 1, size: state.size - cost(original.batch) }
      const { batch } = original
      const told: Action[] = settings.waitForResult
        ? [giveBack(original, result)]
        : result.ok
          ? []
          : [{ do: 'dropped', by: owner, batch, error: result.error }]
      return dispatch({ state: freed, actions: told })
    },
  }
}
