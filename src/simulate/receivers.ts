import type { Failover, Graph, Pipeline } from '../collector/graph.ts'
import { FailoverctlError } from '../core/errors.ts'
import { entryOf } from '../model/build.ts'

/** Where traffic comes in that goes to the connector: a receiver's entry of the model, and its signal. Throws `not-embedded`. */
export function entryFor(graph: Graph, failover: Failover): { readonly entry: string; readonly signal: string } {
  for (const source of failover.sources) {
    const receiver = receiverOf(graph, source, new Set())
    if (receiver !== undefined) return { entry: entryOf(receiver, source.signal), signal: source.signal }
  }
  throw new FailoverctlError(
    'not-embedded',
    `no receiver feeds ${failover.component.id}`,
    'Give the connector a pipeline that has a receiver and exports to it.',
  )
}

/** The receiver at the top of a pipeline, through connectors in between. */
function receiverOf(graph: Graph, pipeline: Pipeline, seen: Set<Pipeline>): string | undefined {
  seen.add(pipeline)
  const own = pipeline.receivers.find(({ id }) => graph.components.receivers.has(id))
  if (own) return own.id
  for (const above of graph.pipelines.values()) {
    const leadsHere = above.exporters.some(({ id }) => pipeline.receivers.some(receiver => receiver.id === id))
    if (!leadsHere || seen.has(above)) continue
    const found = receiverOf(graph, above, seen)
    if (found !== undefined) return found
  }
  return undefined
}
