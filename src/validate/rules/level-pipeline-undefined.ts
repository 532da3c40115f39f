import type { Graph } from '../../collector/graph.ts'
import { nearest } from '../../core/nearest.ts'
import type { Rule } from '../rule.ts'
import { quote } from '../words.ts'

export const levelPipelineUndefined: Rule = {
  id: 'level-pipeline-undefined',
  severity: 'error',
  kind: 'refused',
  title: 'Levels name pipelines that exist',
  why: `The collector does not start, and says only "Error registering consumer", with no name and no line
(contrib failoverconnector; measured on core 0.161.0).`,

  *check(graph) {
    for (const { component, levels, sources, targets } of graph.failovers) {
      const isUsed = sources.length + targets.length > 0
      for (const reference of levels.flatMap(({ pipelines }) => pipelines)) {
        if (reference.pipeline || graph.components.exporters.has(reference.id)) continue
        // What no pipeline uses is read and never built.
        if (!isUsed && SIGNAL.test(reference.id)) continue
        yield {
          at: reference.at,
          message: `level ${reference.level} of ${quote(component.id)} names ${quote(reference)}, which is no pipeline`,
          hint: hintFor(reference.id, graph),
        }
      }
    }
  },

  bad: [
    `
connectors:
  failover: { priority_levels: [[traces/primary], [«traces/bakup»]] }
service:
  pipelines:
    traces/primary: { receivers: [failover], exporters: [otlp] }
    traces/backup: { receivers: [failover], exporters: [file] }
`,
  ],

  good: [
    'connectors: { failover/unused: { priority_levels: [[traces/nowhere]] } }',
    `
connectors:
  failover: { priority_levels: [[traces/primary], [traces/backup]] }
service:
  pipelines:
    traces/primary: { receivers: [failover], exporters: [otlp] }
    traces/backup: { receivers: [failover], exporters: [file] }
`,
  ],
}

const SIGNAL = /^(traces|metrics|logs|profiles)(\/|$)/

function hintFor(id: string, { pipelines }: Graph): string {
  const meant = [...pipelines.values()].find(({ name }) => name === id)?.id ?? nearest(id, pipelines.keys())
  return meant ? `Did you mean ${quote(meant)}?` : 'Define it under `service.pipelines`, or remove it here.'
}
