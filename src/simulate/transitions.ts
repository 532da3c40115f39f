import type { Failover, Graph } from '../collector/graph.ts'
import { sendingOf } from '../collector/sending.ts'
import type { LevelChange } from '../model/outcome.ts'
import { expectedLevel, exportersOf } from '../outage/expected-level.ts'
import type { Transition } from '../outage/measured.ts'
import type { SimulatedBackend } from './backend.ts'
import type { Fault, Scenario } from './scenario.ts'

/** An instant after which another level should take the traffic. */
export interface Turn {
  readonly at: number
  readonly expected: number
  readonly before: number
  /** The first span that the expected level took. */
  firstAt: number | undefined
  /** When the wait for it ended: at the next turn or with the run. */
  endsAt: number
}

/** Every change of the level that should be in use, as the faults of the scenario make it. */
export function turnsOf(graph: Graph, failover: Failover, backends: readonly SimulatedBackend[], scenario: Scenario): Turn[] {
  const { durationMs, drainWithinMs } = scenario
  const faults = scenario.faults.filter(fault => isDown(graph, fault, backends))
  const edges = [...new Set(faults.flatMap(({ atMs, untilMs }) => [atMs, untilMs]))].sort((a, b) => a - b)
  const exportersOfBackend = new Map(backends.map(({ name, exporters }) => [name, exporters]))
  const inOrder = faults.toSorted((a, b) => a.atMs - b.atMs)
  const failed = new Set<Fault>()
  const turns: Turn[] = []
  let [before, begun] = [0, 0]
  for (const at of edges) {
    if (at >= durationMs) break
    for (const fault of failed) if (fault.untilMs <= at) failed.delete(fault)
    for (let fault = inOrder[begun]; fault && fault.atMs <= at; fault = inOrder[++begun]) failed.add(fault)
    const down = new Set(Array.from(failed, ({ backend }) => exportersOfBackend.get(backend) ?? []).flat())
    const expected = expectedLevel(failover, down)
    if (expected === before) continue
    const last = turns.at(-1)
    if (last) last.endsAt = at
    turns.push({ at, expected, before, firstAt: undefined, endsAt: durationMs + drainWithinMs })
    before = expected
  }
  return turns
}

/** A backend that is only slow takes its data, unless its exporter has given up by then. */
function isDown(graph: Graph, { kind, backend, latencyMs = 0 }: Fault, backends: readonly SimulatedBackend[]): boolean {
  if (kind !== 'latency') return true
  const exporters = backends.find(({ name }) => name === backend)?.exporters ?? []
  return exporters.some(id => {
    const exporter = graph.components.exporters.get(id)
    const timeout = exporter && sendingOf(exporter).timeout?.value
    return timeout !== undefined && timeout > 0 && latencyMs >= timeout
  })
}

/** The names of the backends that each level sends to. */
export const takersOf = (failover: Failover, backends: readonly SimulatedBackend[]): ReadonlyMap<string, ReadonlySet<number>> =>
  new Map(
    backends.map(({ name, exporters }) => [
      name,
      new Set(failover.levels.filter(level => exportersOf(level).some(id => exporters.includes(id))).map(({ index }) => index)),
    ]),
  )

/** A turn as an experiment tells it; `withinMs` is what was allowed. */
export function transitionOf(
  { at, expected, firstAt, endsAt }: Turn,
  levels: readonly LevelChange[],
  withinMs: number,
): Transition {
  const level = levels.findLast(({ at_s }) => at_s * 1000 <= Math.min(endsAt, at + withinMs))?.level
  const change = levels.find(({ at_s, level: to }) => at_s * 1000 >= at && at_s * 1000 <= endsAt && to === expected)
  const arrived = expected < 0 ? change && change.at_s * 1000 : firstAt
  const reached = arrived !== undefined && arrived - at <= withinMs
  return {
    expected,
    level: reached ? expected : level,
    reached,
    time_s: expected < 0 || firstAt === undefined ? null : seconds(firstAt - at),
    interval_s: null,
  }
}

export const seconds = (ms: number): number => Math.round(ms) / 1000
