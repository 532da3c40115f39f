import type { Failover, Level, LevelPipeline, Outlet, Pipeline } from './graph.ts'

/** A failover connector before anybody knows where its levels lead. */
export type Unresolved = Omit<Failover, 'levels'> & {
  readonly levels: readonly (Omit<Level, 'pipelines'> & { readonly pipelines: readonly Omit<LevelPipeline, 'outlets'>[] })[]
}

interface Way {
  readonly pipelines: ReadonlyMap<string, Pipeline>
  readonly connectors: ReadonlySet<string>
  readonly failovers: ReadonlyMap<string, Unresolved>
}

/**
 * Where the data of a pipeline goes, past the connectors on its way: forward and its like pass it on to each pipeline of its signal
 * that they feed, another failover connector to one of its levels. `passed` keeps connectors that lead in a circle from doing so here.
 */
export function outletsOf({ signal, exporters }: Pipeline, way: Way, passed: ReadonlySet<string>): Outlet[] {
  return exporters.flatMap(({ id }): Outlet[] => {
    if (!way.connectors.has(id)) return [id]
    if (passed.has(id)) return []
    const beyond = (pipeline: Pipeline) => outletsOf(pipeline, way, new Set([...passed, id]))
    const nested = way.failovers.get(id)
    if (!nested) return fedBy(id, signal, way).flatMap(beyond)
    const levels = nested.levels.map(level => level.pipelines.flatMap(({ pipeline }) => (pipeline ? beyond(pipeline) : [])))
    return [{ retryIntervalMs: nested.retryInterval.value, levels }]
  })
}

const fedBy = (connector: string, signal: string, { pipelines }: Way) =>
  [...pipelines.values()].filter(pipeline => pipeline.signal === signal && pipeline.receivers.some(({ id }) => id === connector))

/** Every exporter that an outlet leads to. */
export const exportersBehind = (outlet: Outlet): string[] =>
  typeof outlet === 'string' ? [outlet] : outlet.levels.flat().flatMap(exportersBehind)
