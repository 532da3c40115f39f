import { type Channel, dialDelay, READY, shortestDialMs } from './grpc-channel.ts'
import { type Action, type Failure, giveBack, type Node, type Task, type Turn } from './node.ts'
import { type Attempt, firstAttempt, nextAttempt, type RetrySettings } from './retry.ts'

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

export interface ExporterState {
  readonly seed: number
  readonly channel: Channel
}

type Timer =
  | { readonly retry: Task; readonly attempt: Attempt }
  /** The one who waits gives up before the next try. */
  | { readonly cancel: Task; readonly failure: Failure }
  | { readonly dialWithinMs: number }

const BACKING_OFF: Failure = {
  ok: false,
  error: 'rpc error: code = Unavailable desc = connection error: connection refused',
  permanent: false,
}

const CANCELLED: Failure = { ok: false, error: 'context canceled', permanent: false, cancelled: true }

export function exporter(id: string, settings: ExporterSettings): Node<ExporterState, Attempt> {
  const { retry } = settings

  const send = (state: ExporterState, task: Task, attempt: Attempt, now: number): Turn<ExporterState> => {
    if (task.deadline !== undefined && task.deadline <= now) return giveUp(state, task, CANCELLED)
    if (state.channel.state === 'backing-off') return afterFailure(state, task, attempt, BACKING_OFF, now)
    const waiting = { batch: task.batch, caller: { node: id, frame: attempt, caller: task.caller }, deadline: task.deadline }
    return { state, actions: [{ do: 'attempt', exporter: settings.exporter, task: waiting, timeoutMs: timeLeft(task, now) }] }
  }

  const timeLeft = ({ deadline }: Task, now: number): number | undefined =>
    deadline === undefined ? settings.timeoutMs : Math.min(settings.timeoutMs ?? Number.POSITIVE_INFINITY, deadline - now)

  const afterFailure = (
    state: ExporterState,
    task: Task,
    attempt: Attempt,
    failure: Failure,
    now: number,
  ): Turn<ExporterState> => {
    if (!retry || failure.permanent) return giveUp(state, task, failure)
    const { again, seed } = nextAttempt(retry, attempt, failure, state.seed, now)
    const next = { ...state, seed }
    if (!again) return giveUp(next, task, { ...failure, error: `no more retries left: ${failure.error}` })
    if (task.deadline !== undefined && task.deadline < again.at) {
      const cancelled = { ...failure, cancelled: true, error: `request is cancelled or timed out: ${failure.error}` }
      return { state: next, actions: [wake({ cancel: task, failure: cancelled }, Math.max(now, task.deadline))] }
    }
    return { state: next, actions: [wake({ retry: task, attempt: again.attempt }, again.at)] }
  }

  const wake = (timer: Timer, at: number): Action => ({ do: 'wake', node: id, at, timer })

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
    return {
      state: { seed, channel: { state: 'backing-off', dials } },
      actions: [wake({ dialWithinMs: shortestDialMs(dials + 1) }, now + delay)],
    }
  }

  return {
    id,
    start: { seed: settings.seed, channel: READY },

    consume(state, task, now) {
      const first = send(state, task, firstAttempt(retry, now), now)
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
      if ('retry' in timer) return send(state, timer.retry, timer.attempt, now)
      if ('cancel' in timer) return giveUp(state, timer.cancel, timer.failure)
      const dial: Action = { do: 'dial', node: id, exporter: settings.exporter, timeoutMs: timer.dialWithinMs }
      return { state, actions: [dial] }
    },

    dialed(state, ok, now) {
      if (ok || state.channel.state === 'ready') return { state: { ...state, channel: READY }, actions: [] }
      return redial(state, state.channel.dials + 1, now)
    },
  }
}
