import type { Graph, Pipeline, Reference } from '../../collector/graph.ts'
import type { Rule } from '../rule.ts'
import { list, quote } from '../words.ts'

export const connectorCycle: Rule = {
  id: 'connector-cycle',
  severity: 'error',
  kind: 'refused',
  title: 'Connectors lead data on, never back',
  why: `Data that comes back to a pipeline it has passed would go round for ever: the collector does not start
(core 0.161.0, service/internal/graph: "cycle detected").`,

  *check(graph) {
    const done = new Set<Pipeline>()
    for (const pipeline of graph.pipelines.values()) {
      for (const { reference, way } of cyclesFrom(pipeline, [], done, graph)) {
        yield {
          at: reference.at,
          message: `${quote(reference)} leads back: data goes round through ${list(way.map(({ id }) => quote(id)))}`,
          hint: 'Export to something else here.',
        }
      }
    }
  },

  bad: [
    `
connectors:
  failover: { priority_levels: [[traces/a], [traces/b]] }
  forward:
service:
  pipelines:
    traces: { receivers: [otlp, forward], exporters: [failover] }
    traces/a: { receivers: [failover], exporters: [otlp] }
    traces/b: { receivers: [failover], exporters: [«forward»] }
`,
  ],

  good: [
    `
connectors:
  failover: { priority_levels: [[traces/a], [traces/b]] }
  forward:
service:
  pipelines:
    traces: { receivers: [otlp], exporters: [failover] }
    traces/a: { receivers: [failover], exporters: [forward] }
    traces/b: { receivers: [failover], exporters: [forward] }
    traces/end: { receivers: [forward], exporters: [otlp] }
`,
  ],
}

interface Cycle {
  readonly reference: Reference
  readonly way: readonly Pipeline[]
}

// Each pipeline is left once: what leads into one that is done leads to no cycle that is not told yet.
function* cyclesFrom(pipeline: Pipeline, before: readonly Pipeline[], done: Set<Pipeline>, graph: Graph): Generator<Cycle> {
  if (done.has(pipeline)) return
  const way = [...before, pipeline]
  for (const reference of pipeline.exporters) {
    if (!graph.components.connectors.has(reference.id)) continue
    for (const next of graph.pipelines.values()) {
      if (!next.receivers.some(({ id }) => id === reference.id)) continue
      const start = way.indexOf(next)
      if (start >= 0) yield { reference, way: way.slice(start) }
      else yield* cyclesFrom(next, way, done, graph)
    }
  }
  done.add(pipeline)
}
