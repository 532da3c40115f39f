import { draw, spread } from './chance.ts'
import { type Channel, DIAL_TIMEOUT_MS, dialDelay, READY } from './grpc-channel.ts'
import { type Action, type Failure, giveBack, type Node, type Task, type Turn } from './node.ts'

/** An exporter of one signal, behind its queue: `retry_on_failure`, `timeout`, and for gRPC the connection. */
export interface ExporterSettings {
  readonly exporter: string
  /** Milliseconds for one attempt; undefined waits for ever. */
  readonly timeoutMs: number | undefined
  /** undefined: `retry_on_failure` is off. */
  readonly retry: RetrySettings | undefined
  readonly grpc: boolean
  readonly seed: number
}

export interface RetrySettings {
  readonly initialMs: number
  readonly maxMs: number
  /** 0 is for ever. */
  readonly maxElapsedMs: number
  readonly multiplier: number
  readonly randomization: number
}

export interface ExporterState {
  readonly seed: number
  readonly channel: Channel
}

interface Attempt {
  readonly firstAt: number
  /** The interval before jitter that the next retry uses. */
  readonly intervalMs: number
}

type Timer = { readonly retry: Task; readonly attempt: Attempt } | 'dial'

const BACKING_OFF: Failure = {
  ok: false,
  error: 'rpc error: code = Unavailable desc = connection error: connection refused',
  permanent: false,
}

export function exporter(id: string, settings: ExporterSettings): Node<ExporterState, Attempt> {
  const { retry } = settings

  const send = (state: ExporterState, task: Task, attempt: Attempt, now: number): Turn<ExporterState> => {
    if (state.channel.state === 'backing-off') return afterFailure(state, task, attempt, BACKING_OFF, now)
    const waiting = { batch: task.batch, caller: { node: id, frame: attempt, caller: task.caller } }
    return { state, actions: [{ do: 'attempt', exporter: settings.exporter, task: waiting, timeoutMs: settings.timeoutMs }] }
  }

  const afterFailure = (
    state: ExporterState,
    task: Task,
    attempt: Attempt,
    failure: Failure,
    now: number,
  ): Turn<ExporterState> => {
    if (!retry || failure.permanent) return giveUp(state, task, failure)
    const [chance, seed] = draw(state.seed)
    const delay = Math.max(failure.retryAfterMs ?? 0, spread(attempt.intervalMs, retry.randomization, chance))
    const next = { ...state, seed }
    if (retry.maxElapsedMs > 0 && now + delay > attempt.firstAt + retry.maxElapsedMs) {
      return giveUp(next, task, { ...failure, error: `no more retries left: ${failure.error}` })
    }
    const timer: Timer = {
      retry: task,
      attempt: { firstAt: attempt.firstAt, intervalMs: Math.min(retry.maxMs, attempt.intervalMs * retry.multiplier) },
    }
    return { state: next, actions: [{ do: 'wake', node: id, at: now + delay, timer }] }
  }

  const giveUp = (state: ExporterState, task: Task, failure: Failure): Turn<ExporterState> => ({
    state,
    actions: [{ do: 'failed', exporter: settings.exporter, batch: task.batch, error: failure.error }, giveBack(task, failure)],
  })

  /** The channel starts to back off when a call could not connect; more such calls change nothing. */
  const backOff = (state: ExporterState, failure: Failure, now: number): Turn<ExporterState> => {
    if (!settings.grpc || !failure.notSent || state.channel.state === 'backing-off') return { state, actions: [] }
    return redial(state, 0, now)
  }

  const redial = (state: ExporterState, dials: number, now: number): Turn<ExporterState> => {
    const [delay, seed] = dialDelay(dials, state.seed)
    const timer: Timer = 'dial'
    return {
      state: { seed, channel: { state: 'backing-off', dials } },
      actions: [{ do: 'wake', node: id, at: now + delay, timer }],
    }
  }

  return {
    id,
    start: { seed: settings.seed, channel: READY },

    consume(state, task, now) {
      const first = send(state, task, { firstAt: now, intervalMs: retry?.initialMs ?? 0 }, now)
      return { state: first.state, actions: [{ do: 'began', exporter: settings.exporter, batch: task.batch }, ...first.actions] }
    },

    resume(state, task, attempt, result, now) {
      if (result.ok)
        return { state, actions: [{ do: 'sent', exporter: settings.exporter, batch: task.batch }, giveBack(task, result)] }
      const channel = backOff(state, result, now)
      const after = afterFailure(channel.state, task, attempt, result, now)
      return { state: after.state, actions: [...channel.actions, ...after.actions] }
    },

    wake(state, timer: Timer, now) {
      if (timer !== 'dial') return send(state, timer.retry, timer.attempt, now)
      const dial: Action = { do: 'dial', node: id, exporter: settings.exporter, timeoutMs: DIAL_TIMEOUT_MS }
      return { state, actions: [dial] }
    },

    dialed(state, ok, now) {
      if (ok || state.channel.state === 'ready') return { state: { ...state, channel: READY }, actions: [] }
      return redial(state, state.channel.dials + 1, now)
    },
  }
}
