import { joined } from './batches.ts'
import { EMPTY, each, type Fifo, push, shift } from './fifo.ts'
import { type Action, type Batch, CRASHED, call, giveBack, type Node, OK, type Task, type Turn } from './node.ts'

/** The batch processor (core 0.161 processor/batchprocessor). */
export interface BatcherSettings {
  readonly processor: string
  readonly child: string
  readonly timeoutMs: number
  readonly sendBatchSize: number
  /** 0: no limit. A request that is larger alone goes as it is: the model cuts between requests, never inside one. */
  readonly sendBatchMaxSize?: number
  /** How many requests it takes while it is sending; the next ones block their callers (a channel of NumCPU). */
  readonly room?: number
}

interface Shard {
  readonly gathered: Fifo<Batch>
  readonly items: number
  readonly sending: Batch | undefined
  /** Taken while it sends, and answered. */
  readonly channel: Fifo<Batch>
  /** Callers that wait for the channel. */
  readonly blocked: Fifo<Task>
  /** The timer runs on whether there is something to send or not: the first instant at which it fires, less whole timeouts. */
  readonly phase: number
  readonly flushAt: number | undefined
}

type BatcherState = ReadonlyMap<string, Shard>

interface Timer {
  readonly kind: string
  readonly flushAt: number
}

const ROOM = 4
const IDLE: Shard = {
  gathered: EMPTY,
  items: 0,
  sending: undefined,
  channel: EMPTY,
  blocked: EMPTY,
  phase: 0,
  flushAt: undefined,
}

/**
 * Answers "accepted" first, sends later, one batch at a time, and drops on error: nobody above it ever hears of a failure.
 * While it sends it takes as many requests as there are processors, then its callers wait.
 */
export function batcher(id: string, settings: BatcherSettings): Node<BatcherState, string> {
  const { timeoutMs, sendBatchSize, sendBatchMaxSize: most = 0, room = ROOM } = settings
  const hasTimer = timeoutMs > 0 && sendBatchSize > 0

  /** Takes from the channel until it sends or there is nothing left. */
  const run = (kind: string, from: Shard, now: number): { shard: Shard; actions: Action[] } => {
    let shard = from
    const actions: Action[] = []
    while (!shard.sending) {
      if (shard.items > 0 && (!hasTimer || shard.items >= sendBatchSize)) {
        const sent = send(kind, shard)
        shard = sent.shard
        actions.push(sent.action)
        break
      }
      const next = shift(shard.channel)
      if (!next) break
      const added = { ...shard, channel: next[1], gathered: push(shard.gathered, next[0]), items: shard.items + next[0].items }
      const entered = admit(added)
      shard = entered.shard
      actions.push(...entered.actions)
    }
    const wanted = hasTimer && !shard.sending && shard.items > 0 && shard.flushAt === undefined
    if (!wanted) return { shard, actions }
    const flushAt = shard.phase + (Math.floor((now - shard.phase) / timeoutMs) + 1) * timeoutMs
    const timer: Timer = { kind, flushAt }
    return { shard: { ...shard, flushAt }, actions: [...actions, { do: 'wake', node: id, at: flushAt, timer }] }
  }

  /** Callers that waited for the channel, as far as there is room now. */
  const admit = (from: Shard): { shard: Shard; actions: Action[] } => {
    let shard = from
    const actions: Action[] = []
    for (let next = shift(shard.blocked); next && shard.channel.length < room; next = shift(shard.blocked)) {
      shard = { ...shard, blocked: next[1], channel: push(shard.channel, next[0].batch) }
      actions.push(giveBack(next[0], OK))
    }
    return { shard, actions }
  }

  const send = (kind: string, shard: Shard): { shard: Shard; action: Action } => {
    const taken: Batch[] = []
    let [gathered, items] = [shard.gathered, 0]
    for (let next = shift(gathered); next; next = shift(gathered)) {
      if (most > 0 && taken.length > 0 && items + next[0].items > most) break
      taken.push(next[0])
      items += next[0].items
      gathered = next[1]
    }
    const sending = joined(taken)
    return {
      shard: { ...shard, gathered, items: shard.items - items, sending, flushAt: undefined },
      action: call(settings.child, { batch: sending, caller: undefined }, id, kind),
    }
  }

  /** The timer starts again when a batch is sent. Less whole timeouts and noise, so that like states look alike. */
  const phaseOf = (now: number) => Math.round((now % timeoutMs) * 1e6) / 1e6

  const turn = (
    state: BatcherState,
    kind: string,
    before: readonly Action[],
    { shard, actions }: { shard: Shard; actions: Action[] },
  ) => ({ state: new Map(state).set(kind, shard), actions: [...before, ...actions] })

  return {
    id,
    start: new Map(),
    period: hasTimer ? timeoutMs : undefined,

    consume(state, task, now) {
      const { kind } = task.batch
      const shard = state.get(kind) ?? IDLE
      if (shard.sending && shard.channel.length >= room)
        return turn(state, kind, [], { shard: { ...shard, blocked: push(shard.blocked, task) }, actions: [] })
      const taken = { ...shard, channel: push(shard.channel, task.batch) }
      return turn(state, kind, [giveBack(task, OK)], run(kind, taken, now))
    },

    resume(state, { batch }, kind, result, now) {
      const shard = state.get(kind) as Shard
      const dropped: Action[] = result.ok ? [] : [{ do: 'dropped', by: settings.processor, batch, error: result.error }]
      const free = admit({ ...shard, sending: undefined, phase: hasTimer ? phaseOf(now) : 0 })
      const next = run(kind, free.shard, now)
      return turn(state, kind, dropped, { shard: next.shard, actions: [...free.actions, ...next.actions] })
    },

    wake(state, { kind, flushAt }: Timer): Turn<BatcherState> {
      const shard = state.get(kind)
      if (shard?.flushAt !== flushAt || shard.sending) return { state, actions: [] }
      const sent = send(kind, shard)
      return { state: new Map(state).set(kind, sent.shard), actions: [sent.action] }
    },

    holds,

    restart: state => ({
      state: new Map(),
      actions: holds(state).map((batch): Action => ({ do: 'dropped', by: settings.processor, batch, error: CRASHED })),
    }),
  }
}

const holds = (state: BatcherState): Batch[] =>
  [...state.values()].flatMap(({ gathered, sending, channel }) => [
    ...(sending ? [sending] : []),
    ...each(gathered),
    ...each(channel),
  ])
