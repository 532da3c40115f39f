import { type Action, call, giveBack, type Node, type Result, type Task, type Turn } from './node.ts'

/**
 * The failover connector, sampling form (contrib from about 0.123; the queued forms from 0.136 put a queue in front).
 * Measured on core 0.161 with the connector's newest source:
 * - an error from the current level moves it one level down and sends the same batch there;
 * - each tick of `retry_interval` lets one batch try the levels above, highest first;
 * - past the last level every batch fails until a tick and a batch find a level that works.
 */
export interface FailoverSettings {
  readonly connector: string
  /** The node of each level, highest priority first. */
  readonly levels: readonly string[]
  readonly retryIntervalMs: number
  /** Errors without any of these texts are handed back and change no level. Empty: every error fails over. */
  readonly condition: readonly string[]
  /** With a queue the connector sits in an exporterhelper, which counts for it what it took and what it could not place. */
  readonly counted: boolean
}

export interface FailoverState {
  /** Index of the current level; `levels.length` when every one has failed. */
  readonly current: number
  /** The tick that has come and that no batch has used yet. */
  readonly sample: boolean
  readonly ticking: boolean
  /** Ticks of an older ticker than this are void. */
  readonly ticker: number
}

interface Trying {
  readonly level: number
  /** While sampling: the level that was current when the sample began. */
  readonly stable?: number
}

interface Tick {
  readonly ticker: number
}

/** What an exporterhelper would count: only a connector with a queue sits in one. */
export const counted = (settings: { readonly counted: boolean }, seen: Action): Action[] => (settings.counted ? [seen] : [])

export const settledBy = (connector: string, { batch }: Task, result: Result): Action =>
  result.ok ? { do: 'sent', exporter: connector, batch } : { do: 'failed', exporter: connector, batch, error: result.error }

export const NO_LEVEL_LEFT = 'All provided pipelines return errors'

export function failover(id: string, settings: FailoverSettings): Node<FailoverState, Trying> {
  const { levels, connector } = settings

  const attempt = (task: Task, trying: Trying): Action => call(levels[trying.level] as string, task, id, trying)

  const finish = (task: Task, result: Result): Action[] => [
    ...counted(settings, settledBy(connector, task, result)),
    giveBack(task, result),
  ]

  const toCurrent = (state: FailoverState, task: Task): Action[] =>
    state.current < levels.length
      ? [attempt(task, { level: state.current })]
      : finish(task, { ok: false, error: NO_LEVEL_LEFT, permanent: false })

  const gauge = (state: FailoverState): Action => ({
    do: 'level',
    connector,
    level: state.current < levels.length ? state.current : -1,
  })

  const afterSample = (state: FailoverState, task: Task, { level, stable = 0 }: Trying, result: Result): Turn<FailoverState> => {
    if (result.ok) {
      const found = { ...state, current: level, ticking: level > 0, ticker: level > 0 ? state.ticker : state.ticker + 1 }
      return { state: found, actions: [gauge(found), ...finish(task, result)] }
    }
    return { state, actions: level + 1 < stable ? [attempt(task, { level: level + 1, stable })] : toCurrent(state, task) }
  }

  const afterError = (state: FailoverState, task: Task, level: number, now: number): Turn<FailoverState> => {
    // Batches in flight fail one by one; only the first to fail on the current level moves it.
    if (level !== state.current) return { state, actions: toCurrent(state, task) }
    const lower = { ...state, current: state.current + 1, ticking: true }
    const timer: Tick = { ticker: state.ticker }
    const tick: Action[] = state.ticking ? [] : [{ do: 'wake', node: id, at: now + settings.retryIntervalMs, timer }]
    return { state: lower, actions: [...tick, gauge(lower), ...toCurrent(lower, task)] }
  }

  return {
    id,
    start: { current: 0, sample: false, ticking: false, ticker: 0 },

    consume(state, task) {
      const began = counted(settings, { do: 'began', exporter: connector, batch: task.batch })
      if (!state.sample) return { state, actions: [...began, ...toCurrent(state, task)] }
      const used = { ...state, sample: false }
      const first = state.current === 0 ? toCurrent(state, task) : [attempt(task, { level: 0, stable: state.current })]
      return { state: used, actions: [...began, ...first] }
    },

    resume(state, task, trying, result, now) {
      if (trying.stable !== undefined) return afterSample(state, task, trying, result)
      if (result.ok) return { state, actions: finish(task, result) }
      const { condition } = settings
      if (condition.length > 0 && !condition.some(text => result.error.includes(text))) {
        return { state, actions: finish(task, result) }
      }
      return afterError(state, task, trying.level, now)
    },

    wake(state, timer: Tick, now) {
      if (!state.ticking || timer.ticker !== state.ticker) return { state, actions: [] }
      return { state: { ...state, sample: true }, actions: [{ do: 'wake', node: id, at: now + settings.retryIntervalMs, timer }] }
    },
  }
}
