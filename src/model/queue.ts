import { joined } from './batches.ts'
import { EMPTY, each, type Fifo, fifoOf, push, shift } from './fifo.ts'
import { type Action, type Batch, CRASHED, call, giveBack, type Node, OK, type Task, type Turn } from './node.ts'

/** exporterhelper's `sending_queue` (core 0.161 internal/queue, internal/queuebatch), in front of an exporter or of the failover connector. */
export interface QueueSettings {
  /** The exporter or connector whose queue it is, as its metrics name it. */
  readonly owner: string
  readonly signal: string
  readonly child: string
  readonly size: number
  readonly sizer: Sizer
  readonly consumers: number
  readonly blockOnOverflow: boolean
  readonly waitForResult: boolean
  readonly batch?: QueueBatch | undefined
  /** What survives: nothing, what a `file_storage` has handed to the kernel, or what it has synced to disk. */
  readonly storage?: 'memory' | 'file' | 'file-fsync'
}

export type Sizer = 'requests' | 'items' | 'bytes'

/** `sending_queue.batch`: requests are joined until there is enough or the time is over. */
export interface QueueBatch {
  readonly flushMs: number
  readonly minSize: number
  /** 0: no limit. A request that is larger alone goes as it is: the model cuts between requests, never inside one. */
  readonly maxSize: number
  readonly sizer: Sizer
}

export interface QueueState {
  readonly waiting: Fifo<Admitted>
  /** Callers that wait for room (`block_on_overflow`). */
  readonly blocked: Fifo<Task>
  /** What the batcher has taken from the queue and not sent yet. */
  readonly gathering: Fifo<Admitted>
  readonly gathered: number
  /** When the batcher sends what it has, whatever it has. */
  readonly flushAt: number | undefined
  /** Batches that wait for a free consumer. */
  readonly ready: Fifo<readonly Admitted[]>
  readonly sending: readonly (readonly Admitted[])[]
  /** All that was admitted and is not settled, in units of the sizer: what consumers hold counts against `queue_size`, too. */
  readonly size: number
}

interface Admitted {
  readonly task: Task
  readonly at: number
}

type Timer = { readonly flushAt: number } | { readonly gaveUp: Task }

export const QUEUE_FULL = 'sending queue is full'
const TOO_LARGE = 'element size too large'
const GAVE_UP = 'context deadline exceeded'

/** Linux writes dirty pages back when they are this old (vm.dirty_expire_centisecs, and the 5 s between two rounds). */
const WRITTEN_BACK_MS = 35_000

export function queue(id: string, settings: QueueSettings): Node<QueueState, readonly Admitted[]> {
  const { owner, signal, child, consumers, batch: batching } = settings
  const start: QueueState = {
    waiting: EMPTY,
    blocked: EMPTY,
    gathering: EMPTY,
    gathered: 0,
    flushAt: undefined,
    ready: EMPTY,
    sending: [],
    size: 0,
  }
  const cost = (batch: Batch) => costOf(batch, settings.sizer)
  const gauge = ({ size }: QueueState): Action => ({ do: 'queue', owner, signal, size })

  // `wait_for_result` keeps the caller; otherwise it has its answer before anything is sent.
  const admit = (state: QueueState, task: Task, now: number): Turn<QueueState> => ({
    state: { ...state, size: state.size + cost(task.batch), waiting: push(state.waiting, { task, at: now }) },
    actions: settings.waitForResult ? [] : [giveBack(task, OK)],
  })

  /** Gives freed room to blocked callers, and what waits to free consumers. */
  const dispatch = ({ state: from, actions: before }: Turn<QueueState>, now: number): Turn<QueueState> => {
    let state = from
    const actions = [...before]
    for (let blocked = shift(state.blocked); blocked && state.size + cost(blocked[0].batch) <= settings.size; ) {
      const admitted = admit({ ...state, blocked: blocked[1] }, blocked[0], now)
      state = admitted.state
      actions.push(...admitted.actions)
      blocked = shift(state.blocked)
    }
    for (;;) {
      const sent = send(state)
      const next = sent ?? (state.ready.length === 0 ? gather(state, now) : undefined)
      if (!next) return { state, actions: [gauge(state), ...actions] }
      state = next.state
      actions.push(...next.actions)
    }
  }

  const send = (state: QueueState): Turn<QueueState> | undefined => {
    const next = state.sending.length < consumers ? shift(state.ready) : undefined
    if (!next) return undefined
    const [load, ready] = next
    const { deadline } = settings.waitForResult && load.length === 1 ? (load[0] as Admitted).task : {}
    const task = { batch: joined(load.map(({ task }) => task.batch)), caller: undefined, deadline }
    return { state: { ...state, ready, sending: [...state.sending, load] }, actions: [call(child, task, id, load)] }
  }

  /** One request further: to the consumers, or into the batch that is being gathered. */
  const gather = (state: QueueState, now: number): Turn<QueueState> | undefined => {
    if (!batching && state.sending.length >= consumers) return undefined
    const next = shift(state.waiting)
    if (!next) return undefined
    const [first, waiting] = next
    const taken = { ...state, waiting }
    if (!batching) return { state: { ...taken, ready: push(state.ready, [first]) }, actions: [] }
    const size = costOf(first.task.batch, batching.sizer)
    const tooMuch = batching.maxSize > 0 && state.gathered > 0 && state.gathered + size > batching.maxSize
    const before = tooMuch ? flush(taken) : taken
    const grown = { ...before, gathering: push(before.gathering, first), gathered: before.gathered + size }
    if (grown.gathered >= batching.minSize) return { state: flush(grown), actions: [] }
    if (before.gathering.length > 0) return { state: grown, actions: [] }
    const flushAt = now + batching.flushMs
    const timer: Timer = { flushAt }
    return { state: { ...grown, flushAt }, actions: [{ do: 'wake', node: id, at: flushAt, timer }] }
  }

  const flush = (state: QueueState): QueueState => ({
    ...state,
    gathering: EMPTY,
    gathered: 0,
    flushAt: undefined,
    ready: push(state.ready, [...each(state.gathering)]),
  })

  const held = ({ waiting, gathering, ready, sending }: QueueState): Admitted[] => [
    ...[...each(ready), ...sending].flat(),
    ...each(gathering),
    ...each(waiting),
  ]

  return {
    id,
    start,

    consume(state, task, now) {
      const size = cost(task.batch)
      if (state.size + size <= settings.size) return dispatch(admit(state, task, now), now)
      const refuse = (error: string): Turn<QueueState> => ({
        state,
        actions: [giveBack(task, { ok: false, error, permanent: false })],
      })
      if (!settings.blockOnOverflow) return refuse(QUEUE_FULL)
      if (size > settings.size) return refuse(TOO_LARGE)
      const timer: Timer = { gaveUp: task }
      const { deadline: at } = task
      return {
        state: { ...state, blocked: push(state.blocked, task) },
        actions: at === undefined ? [] : [{ do: 'wake', node: id, at, timer }],
      }
    },

    resume(state, _, load, result, now) {
      const freed = {
        ...state,
        sending: state.sending.filter(other => other !== load),
        size: load.reduce((sum, { task }) => sum - cost(task.batch), state.size),
      }
      const told: Action[] = settings.waitForResult
        ? load.map(({ task }) => giveBack(task, result))
        : result.ok
          ? []
          : load.map(({ task }) => ({ do: 'dropped', by: owner, batch: task.batch, error: result.error }))
      return dispatch({ state: freed, actions: told }, now)
    },

    wake(state, timer: Timer, now) {
      if ('flushAt' in timer)
        return state.flushAt === timer.flushAt ? dispatch({ state: flush(state), actions: [] }, now) : { state, actions: [] }
      const left = [...each(state.blocked)].filter(task => task !== timer.gaveUp)
      if (left.length === state.blocked.length) return { state, actions: [] }
      const failure = { ok: false, error: GAVE_UP, permanent: false, cancelled: true } as const
      return { state: { ...state, blocked: fifoOf(left) }, actions: [giveBack(timer.gaveUp, failure)] }
    },

    // With `wait_for_result` nobody was told that it is delivered.
    holds: state => (settings.waitForResult ? [] : held(state).map(({ task }) => task.batch)),

    restart(state, { what, at }, now) {
      const { storage = 'memory' } = settings
      const isKept = (one: Admitted) =>
        storage === 'file-fsync' || (storage === 'file' && (what === 'collector' || one.at <= at - WRITTEN_BACK_MS))
      const all = held(state)
      // What was with the consumers goes to the end of the queue (core 0.161 persistent_queue.go enqueueNotDispatchedReqs).
      const dispatched = new Set([...state.sending, ...each(state.ready), [...each(state.gathering)]].flat())
      const kept = all.filter(isKept).sort((a, b) => Number(dispatched.has(a)) - Number(dispatched.has(b)))
      const lost = settings.waitForResult ? [] : all.filter(one => !isKept(one))
      const size = kept.reduce((sum, { task }) => sum + cost(task.batch), 0)
      const dropped = lost.map(({ task }): Action => ({ do: 'dropped', by: owner, batch: task.batch, error: CRASHED }))
      return dispatch({ state: { ...start, waiting: fifoOf(kept), size }, actions: dropped }, now)
    },
  }
}

const costOf = ({ items, bytes }: Batch, sizer: Sizer): number => (sizer === 'requests' ? 1 : sizer === 'items' ? items : bytes)
