import type { Failover } from '../collector/graph.ts'
import { type Clock, sleep } from '../core/clock.ts'
import { exportersOf } from '../outage/expected-level.ts'
import type { Transition } from '../outage/measured.ts'
import { type LevelProbe, type SeenChange, seconds } from './probes/level.ts'
import type { Target } from './target.ts'

export interface Watch {
  /** undefined: nothing shows a level, and spans that arrive are all there is to see. */
  readonly failover: Failover | undefined
  readonly target: Pick<Target, 'backends'>
  readonly probe: LevelProbe
  readonly clock: Clock
  readonly interrupted: AbortSignal
  /** Backends that take nothing now: none of them can show that a level is in use. */
  readonly down?: ReadonlySet<string>
}

const POLL_MS = 20

/**
 * Waits until the metrics show the level and its backends have taken a marked span, or until the time is over. Times count from
 * `sinceMs`; what was begun at `begunMs` may have had its effect before that, which is then no time at all.
 */
export async function awaitLevel(
  expected: number,
  sinceMs: number,
  withinMs: number,
  watch: Watch,
  begunMs = sinceMs,
): Promise<Transition> {
  const { probe, clock } = watch
  const firstArrival = arrivalAt(expected, watch)
  const shown = () => !watch.failover || probe.level === expected
  // A last level with a queue is in use while its backends are down; then only the metrics tell.
  const arrives = expected >= 0 && takersOf(expected, watch).length > 0
  const reached = () => shown() && (!arrives || firstArrival() !== undefined)
  while (!reached() && clock.now() < sinceMs + withinMs) await sleep(clock, POLL_MS, watch.interrupted)
  const first = firstArrival()
  const change = probe.changes.findLast(({ level }) => level === expected)
  return {
    expected,
    level: probe.level,
    reached: reached(),
    time_s: reached() && first !== undefined ? Math.max(0, seconds(first - sinceMs)) : null,
    interval_s: reached() && change && change.at >= begunMs ? intervalOf(change, sinceMs) : null,
  }
}

/** When a backend of the level first took a marked span; any backend where there are no levels. */
function arrivalAt(level: number, watch: Watch): () => number | undefined {
  const takers = takersOf(level, watch)
  return () => {
    const times = takers.flatMap(backend => backend.firstArrival() ?? [])
    return times.length > 0 ? Math.min(...times) : undefined
  }
}

const intervalOf = ({ at, lastBeforeAt }: SeenChange, sinceMs: number): [number, number] => [
  Math.max(0, seconds(lastBeforeAt - sinceMs)),
  Math.max(0, seconds(at - sinceMs)),
]

function takersOf(level: number, { failover, target, down }: Watch): Watch['target']['backends'] {
  const exporters = new Set(failover?.levels[level] ? exportersOf(failover.levels[level]) : [])
  const meant = target.backends.filter(backend => !failover || backend.exporters.some(id => exporters.has(id)))
  return meant.filter(({ name }) => !down?.has(name))
}
