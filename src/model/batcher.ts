import { type Action, type Batch, call, giveBack, type Node, OK, type Turn } from './node.ts'

/** The batch processor (core 0.161 processor/batchprocessor). */
export interface BatcherSettings {
  readonly processor: string
  readonly child: string
  readonly timeoutMs: number
  readonly sendBatchSize: number
}

interface Shard {
  readonly batch: Batch
  readonly busy: boolean
  /** Timers of an older generation are void. */
  readonly timer: number
}

type BatcherState = ReadonlyMap<string, Shard>

interface Timer {
  readonly kind: string
  readonly timer: number
}

/**
 * Answers "accepted" first, sends later, and drops on error: nobody above it ever hears of a failure.
 * Simplified: while it sends it takes all that comes, where the real one blocks its callers after a few batches.
 */
export function batcher(id: string, settings: BatcherSettings): Node<BatcherState, string> {
  const flush = (state: BatcherState, kind: string): Turn<BatcherState> => {
    const shard = state.get(kind)
    if (!shard || shard.busy || shard.batch.items === 0) return { state, actions: [] }
    const sent = { batch: empty(kind), busy: true, timer: shard.timer + 1 }
    return {
      state: new Map(state).set(kind, sent),
      actions: [call(settings.child, { batch: shard.batch, caller: undefined }, id, kind)],
    }
  }

  const arm = (shard: Shard, now: number): Action => {
    const timer: Timer = { kind: shard.batch.kind, timer: shard.timer }
    return { do: 'wake', node: id, at: now + settings.timeoutMs, timer }
  }

  return {
    id,
    start: new Map(),

    consume(state, task, now) {
      const { kind } = task.batch
      const shard = state.get(kind) ?? { batch: empty(kind), busy: false, timer: 0 }
      const grown = { ...shard, batch: join(shard.batch, task.batch) }
      const added = new Map(state).set(kind, grown)
      const full = flushes(grown)
        ? flush(added, kind)
        : { state: added, actions: shard.batch.items === 0 ? [arm(grown, now)] : [] }
      return { state: full.state, actions: [giveBack(task, OK), ...full.actions] }
    },

    resume(state, { batch }, kind, result, now) {
      const shard = state.get(kind) as Shard
      const free = new Map(state).set(kind, { ...shard, busy: false })
      const dropped: Action[] = result.ok ? [] : [{ do: 'dropped', by: settings.processor, batch, error: result.error }]
      const next = flushes(shard) ? flush(free, kind) : { state: free, actions: shard.batch.items > 0 ? [arm(shard, now)] : [] }
      return { state: next.state, actions: [...dropped, ...next.actions] }
    },

    wake: (state, { kind, timer }: Timer) => (state.get(kind)?.timer === timer ? flush(state, kind) : { state, actions: [] }),
  }

  function flushes({ batch }: Shard): boolean {
    return settings.timeoutMs === 0 || (settings.sendBatchSize > 0 && batch.items >= settings.sendBatchSize)
  }
}

const empty = (kind: string): Batch => ({ kind, items: 0, bytes: 0, parts: [] })

const join = (a: Batch, b: Batch): Batch => ({
  kind: b.kind,
  items: a.items + b.items,
  bytes: a.bytes + b.bytes,
  parts: [...a.parts, ...b.parts],
})
