import { counted, type FailoverSettings, NO_LEVEL_LEFT, settledBy } from './failover.ts'
import { type Action, call, giveBack, type Node, type Result, type Task, type Turn } from './node.ts'

/**
 * The failover connector as it was up to 0.122 (contrib failoverconnector, internal/state/pipeline_selector.go and retry_tracker.go;
 * read, not measured): after each `retry_interval` a timer makes the higher levels current, one `retry_gap` after the other, and
 * whatever batch comes then is the trial. A level that failed `max_retries` trials is never tried again.
 */
export interface ClassicSettings extends FailoverSettings {
  readonly retryGapMs: number
  /** 0 is without limit. */
  readonly maxRetries: number
  /** Before 0.116 a `max_retries` of 0 kept every trial from happening (contrib issue 36587). */
  readonly zeroBlocks: boolean
}

export interface ClassicState {
  /** Where the next batch goes; `levels.length` when every level has failed. */
  readonly current: number
  /** The level that is known to work. */
  readonly stable: number
  /** Failed trials, by level. */
  readonly trials: readonly number[]
  /** Timers of an older round are void. */
  readonly round: number
  readonly sweep: number
}

interface Trying {
  readonly level: number
}

type Timer = { readonly tick: number } | { readonly sweep: number; readonly level: number }

export function classicFailover(id: string, settings: ClassicSettings): Node<ClassicState, Trying> {
  const { levels, connector, maxRetries, retryIntervalMs, retryGapMs } = settings
  const isSpent = ({ trials }: ClassicState, level: number) => maxRetries > 0 && (trials[level] ?? 0) >= maxRetries
  const goesOn = (state: ClassicState) =>
    !(maxRetries === 0 && settings.zeroBlocks) && state.trials.slice(0, state.stable).some((_, level) => !isSpent(state, level))
  const wake = (at: number, timer: Timer): Action => ({ do: 'wake', node: id, at, timer })

  const finish = (task: Task, result: Result): Action[] => [
    ...counted(settings, settledBy(connector, task, result)),
    giveBack(task, result),
  ]

  const toCurrent = ({ current }: ClassicState, task: Task): Action[] =>
    levels[current] === undefined
      ? finish(task, { ok: false, error: NO_LEVEL_LEFT, permanent: false })
      : [call(levels[current], task, id, { level: current })]

  const moved = (before: ClassicState, after: ClassicState): Action[] =>
    before.current === after.current
      ? []
      : [{ do: 'level', connector, level: after.current < levels.length ? after.current : -1 }]

  const afterError = (state: ClassicState, level: number, now: number): { state: ClassicState; actions: Action[] } => {
    if (level !== state.current) return { state, actions: [] }
    if (level !== state.stable) {
      const trials = state.trials.map((count, index) => (index === level ? count + 1 : count))
      return { state: { ...state, trials, current: state.stable }, actions: [] }
    }
    let next = level + 1
    while (next < levels.length && isSpent(state, next)) next++
    const round = state.round + 1
    const lower = { ...state, current: next, stable: next, round, sweep: state.sweep + 1 }
    return { state: lower, actions: goesOn(lower) ? [wake(now + retryIntervalMs, { tick: round })] : [] }
  }

  /** The next level from `from` on that may be tried, one gap from now. */
  const trialAfter = (state: ClassicState, from: number, now: number): Action[] => {
    let level = from
    while (level < levels.length && isSpent(state, level)) level++
    return level < levels.length ? [wake(now + retryGapMs, { sweep: state.sweep, level })] : []
  }

  return {
    id,
    start: { current: 0, stable: 0, trials: levels.map(() => 0), round: 0, sweep: 0 },

    consume: (state, task) => ({
      state,
      actions: [...counted(settings, { do: 'began', exporter: connector, batch: task.batch }), ...toCurrent(state, task)],
    }),

    resume(state, task, { level }, result, now) {
      if (result.ok) {
        const trials = state.trials.map((count, index) => (index === level ? 0 : count))
        return { state: level === state.stable ? state : { ...state, stable: level, trials }, actions: finish(task, result) }
      }
      const after = afterError(state, level, now)
      return {
        state: after.state,
        actions: [...after.actions, ...moved(state, after.state), ...toCurrent(after.state, task)],
      }
    },

    wake(state, timer: Timer, now): Turn<ClassicState> {
      if ('tick' in timer) {
        if (timer.tick !== state.round || !goesOn(state)) return { state, actions: [] }
        const next = { ...state, sweep: state.sweep + 1 }
        return { state: next, actions: [...trialAfter(next, 0, now), wake(now + retryIntervalMs, timer)] }
      }
      if (timer.sweep !== state.sweep || timer.level >= state.stable) return { state, actions: [] }
      const tried = { ...state, current: timer.level }
      return { state: tried, actions: [...moved(state, tried), ...trialAfter(tried, timer.level + 1, now)] }
    },
  }
}
