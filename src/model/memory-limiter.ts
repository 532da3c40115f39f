import { type Action, type Failure, giveBack, type Node, type Task } from './node.ts'

/** The memory_limiter processor (core 0.161 internal/memorylimiter). */
export interface MemoryLimiterSettings {
  readonly child: string
  readonly checkIntervalMs: number
  /** `limit_mib` less `spike_limit_mib`, in bytes: above it everything is refused. */
  readonly softLimitBytes: number
}

export interface MemoryLimiterState {
  readonly refusing: boolean
  /** Whether the next check is on its way: without traffic nobody would see its result. */
  readonly checking: boolean
  readonly used: boolean
}

const REFUSED: Failure = { ok: false, error: 'data refused due to high memory usage', permanent: false }

/** Refuses while the memory is above the soft limit, as the last check found it: the sender is told, and nothing is lost here. */
export function memoryLimiter(id: string, settings: MemoryLimiterSettings): Node<MemoryLimiterState> {
  const check = (now: number): Action => ({ do: 'wake', node: id, at: now + settings.checkIntervalMs, timer: null })
  const pass = (refusing: boolean, task: Task): Action =>
    refusing ? giveBack(task, REFUSED) : { do: 'call', node: settings.child, task }

  return {
    id,
    start: { refusing: false, checking: false, used: false },

    consume: (state, task, now) => ({
      state: state.checking && state.used ? state : { ...state, checking: true, used: true },
      actions: state.checking ? [pass(state.refusing, task)] : [check(now), pass(state.refusing, task)],
    }),

    wake: state => ({ state, actions: [{ do: 'measure', node: id }] }),

    measured(state, bytes, now) {
      const refusing = bytes > settings.softLimitBytes
      // While it refuses it goes on checking: the next request should not find an old verdict.
      const goesOn = state.used || refusing
      return { state: { refusing, checking: goesOn, used: false }, actions: goesOn ? [check(now)] : [] }
    },
  }
}
