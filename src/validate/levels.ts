import type { Component, Failover, Graph, Level, Pipeline, Queue } from '../collector/graph.ts'
import { onceEach } from '../collector/once-each.ts'

/** A pipeline that data of a level passes. */
export interface Placed {
  readonly failover: Failover
  readonly level: Level
  /** No level comes after it: an error here has nowhere to go. */
  readonly isLast: boolean
  readonly pipeline: Pipeline
}

/** Every pipeline behind every level of every failover connector, those that other connectors lead to included. */
export const placedPipelines = onceEach((graph: Graph): readonly Placed[] => Array.from(placesIn(graph)))

function* placesIn(graph: Graph): Generator<Placed> {
  for (const failover of graph.failovers) {
    for (const level of failover.levels) {
      const isLast = level.index === failover.levels.length - 1
      const named = level.pipelines.flatMap(reference => reference.pipeline ?? meantPipeline(failover, graph, reference.id) ?? [])
      for (const pipeline of behind(named, graph, lastLevel)) yield { failover, level, isLast, pipeline }
    }
  }
}

const lastLevel = ({ levels }: Failover) => levels.slice(-1)

/** The pipeline that a level should name where it names an exporter: one that sends to it, and best one that the connector feeds. */
export function meantPipeline(failover: Failover, { pipelines }: Graph, exporter: string): Pipeline | undefined {
  const exports = ({ exporters }: Pipeline) => exporters.some(({ id }) => id === exporter)
  return failover.targets.find(exports) ?? [...pipelines.values()].find(exports)
}

/**
 * All pipelines that data of some passes, in its order: forward, routing and round_robin pass data of a signal on within the
 * call, and give its error back (contrib 0.161.0). Another failover connector takes care of its own levels; an error leaves it
 * only from the last one, and data can be on each.
 */
export function behind(
  starts: readonly Pipeline[],
  graph: Graph,
  levelsOf: (nested: Failover) => readonly Level[] = ({ levels }) => levels,
): Set<Pipeline> {
  const reached = new Set(starts)
  for (const pipeline of reached) {
    for (const { id } of pipeline.exporters) for (const next of nextOf(id, pipeline, graph, levelsOf)) reached.add(next)
  }
  return reached
}

/** The pipelines that a connector passes data on to; none for an exporter. */
export function nextOf(
  id: string,
  { signal }: Pipeline,
  graph: Graph,
  levelsOf: (nested: Failover) => readonly Level[] = ({ levels }) => levels,
): Pipeline[] {
  const connector = graph.components.connectors.get(id)
  if (!connector) return []
  const nested = graph.failovers.find(({ component }) => component === connector)
  if (!nested) return fedBy(connector, signal, graph)
  return levelsOf(nested).flatMap(pipelinesOf)
}

export const pipelinesOf = ({ pipelines }: Level): Pipeline[] => pipelines.flatMap(({ pipeline }) => pipeline ?? [])

const fedBy = (connector: Component, signal: string, { pipelines }: Graph) =>
  [...pipelines.values()].filter(
    pipeline => pipeline.signal === signal && pipeline.receivers.some(({ id }) => id === connector.id),
  )

/** An exporter behind a failover connector, once for all the levels where it stands. */
export interface PlacedExporter {
  readonly exporter: Component
  /** The highest level where it stands, and one that is not the last if there is such. */
  readonly place: Placed
}

export const placedExporters = onceEach((graph: Graph): readonly PlacedExporter[] => {
  const found = new Map<Component, PlacedExporter>()
  for (const place of placedPipelines(graph)) {
    for (const { id } of place.pipeline.exporters) {
      const exporter = graph.components.exporters.get(id)
      const before = exporter && found.get(exporter)
      if (exporter && (!before || (before.place.isLast && !place.isLast))) found.set(exporter, { exporter, place })
    }
  }
  return Array.from(found.values())
})

/** Whether a queue answers before the data is delivered, so that nobody in front of it sees an error. */
export const hides = (queue: Queue | undefined): boolean => queue?.enabled.value === true && !queue.waitForResult
