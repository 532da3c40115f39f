import type { Failover, Graph } from '../collector/graph.ts'
import { buildCollector } from '../model/build.ts'
import type { BackendPlace, FaultWindow, LevelChange } from '../model/outcome.ts'
import { groupByBackend } from '../outage/backends.ts'
import { levelOf } from '../outage/expected-level.ts'
import type { Measured } from '../outage/measured.ts'
import { simulatedBackend } from './backend.ts'
import { Driver } from './driver.ts'
import type { Ran, Watcher } from './ran.ts'
import { entryFor } from './receivers.ts'
import type { Crash, Fault, Scenario } from './scenario.ts'
import { seconds, type Turn, takersOf, transitionOf, turnsOf } from './transitions.ts'

/** One run with one seed. */
export interface Run extends Ran {
  readonly measured: Measured
  readonly turns: readonly Turn[]
  /** When a gRPC client had its connection again, by exporter; milliseconds, in their order. */
  readonly dialed: ReadonlyMap<string, readonly number[]>
  readonly places: readonly BackendPlace[]
  readonly notes: readonly string[]
}

/** The collector of this config on virtual time, from the first request to the end of the drain. `exact` computes what only repeats, too. */
export function runOnce(graph: Graph, failover: Failover, scenario: Scenario, { exact = false } = {}): Run {
  const built = buildCollector(graph, scenario.seed)
  const backends = groupByBackend(built.exporters).map(plan => simulatedBackend(plan, scenario.faults, scenario.latencyMs))
  const { entry, signal } = entryFor(graph, failover)
  const connectors = graph.failovers.map(({ component }) => component.id)
  const turns = turnsOf(graph, failover, backends, scenario)
  const levels: LevelChange[] = []
  const dialed = new Map<string, number[]>()
  const watched = failover.component.id
  const watch = takenBy(turns, takersOf(failover, backends), scenario)
  const watcher: Watcher = {
    taken: watch.taken,
    level(connector, level, at) {
      if (connector === watched && levels.at(-1)?.level !== level)
        levels.push({ at_s: seconds(at), level, connector, evidence: 'the model' })
    },
    dialed(exporter, ok, at) {
      const times = dialed.get(exporter) ?? []
      if (ok) dialed.set(exporter, times)
      if (ok) times.push(at)
    },
  }
  watcher.level(watched, 0, 0)
  const ran = new Driver({ built, entry, signal, connectors, backends, scenario, exact }, watcher).run()
  return {
    ...ran,
    measured: measuredOf(ran, levels, turns, watch.isSteady(), scenario),
    turns,
    dialed,
    places: backends.map(({ name, exporters }) => ({ name, level: levelOf(failover, exporters) })),
    notes: built.notes,
  }
}

/** Sees which turn the data that arrives belongs to. */
function takenBy(turns: readonly Turn[], takers: ReadonlyMap<string, ReadonlySet<number>>, scenario: Scenario) {
  const firstTurnAt = turns[0]?.at ?? Number.POSITIVE_INFINITY
  const gapMs = (scenario.spansPerRequest / scenario.rate) * 1000
  let steady = firstTurnAt === 0
  // Time only goes on, so the turn that data belongs to is the last one that has come.
  let next = 0
  return {
    isSteady: () => steady,
    taken(backend: string, request: number, at: number) {
      const levels = takers.get(backend)
      if (!levels) return
      if (at < firstTurnAt && levels.has(0)) steady = true
      while ((turns[next]?.at ?? Number.POSITIVE_INFINITY) <= at) next++
      const turn = turns[next - 1]
      if (!turn || turn.firstAt !== undefined || !levels.has(turn.expected)) return
      // Older data may still come out of queues: only what was sent after the turn shows that a level is in use again.
      if (isLower(turn.expected, turn.before) || request >= Math.ceil(turn.at / gapMs)) turn.firstAt = at
    },
  }
}

function measuredOf(
  { ledger }: Ran,
  levels: readonly LevelChange[],
  turns: readonly Turn[],
  steady: boolean,
  scenario: Scenario,
): Measured {
  const down = turns.find(({ expected, before }) => isLower(expected, before))
  const up = turns.findLast(({ expected, before }) => isLower(before, expected))
  return {
    levels,
    faults: [...scenario.faults.map(windowOf), ...scenario.crashes.map(crashWindow)].sort((a, b) => a.at_s - b.at_s),
    steady,
    failover: down && transitionOf(down, levels, scenario.failoverWithinMs),
    recovery: up && transitionOf(up, levels, scenario.recoverWithinMs),
    ledger,
  }
}

/** Level -1 is below every other. */
const isLower = (a: number, b: number) => (a < 0 ? b >= 0 : b >= 0 && a > b)

const windowOf = ({ kind, backend, atMs, untilMs }: Fault): FaultWindow => ({
  at_s: seconds(atMs),
  until_s: untilMs === Number.POSITIVE_INFINITY ? null : seconds(untilMs),
  kind,
  backend,
})

const crashWindow = ({ what, atMs, downMs }: Crash): FaultWindow => ({
  at_s: seconds(atMs),
  until_s: seconds(atMs + downMs),
  kind: 'crash',
  backend: what,
})
