import type { Graph, LevelPipeline } from '../../collector/graph.ts'
import { itemPath } from '../fixes/places.ts'
import { meantPipeline } from '../levels.ts'
import type { Fix, Rule } from '../rule.ts'
import { quote } from '../words.ts'

export const levelNamesExporter: Rule = {
  id: 'level-names-exporter',
  severity: 'error',
  kind: 'refused',
  title: 'Levels name pipelines, not exporters',
  why: `priority_levels is a list of lists of pipeline ids. The collector reads an exporter's id as a pipeline of an unknown signal and
does not start (contrib failoverconnector config.go; measured on core 0.161.0: "unknown pipeline signal").`,

  *check(graph) {
    for (const failover of graph.failovers) {
      const { id: connector } = failover.component
      for (const reference of failover.levels.flatMap(({ pipelines }) => pipelines)) {
        if (reference.pipeline || !graph.components.exporters.has(reference.id)) continue
        const meant = meantPipeline(failover, graph, reference.id)
        yield {
          at: reference.at,
          message: `level ${reference.level} of ${quote(connector)} names the exporter ${quote(reference)}: levels name pipelines`,
          hint: meant
            ? `Write ${quote(meant.id)}, the pipeline that exports to it.`
            : `Make a pipeline that receives from ${quote(connector)} and exports to it, and name that.`,
          ...(meant ? { fix: nameInstead(graph, connector, reference, meant.id) } : {}),
        }
      }
    }
  },

  bad: [
    `
exporters: { otlp/primary: , file/backup: }
connectors:
  failover:
    priority_levels:
      - [«otlp/primary»]
      - [«file/backup»]
service:
  pipelines:
    traces/primary: { receivers: [failover], exporters: [otlp/primary] }
`,
  ],

  good: [
    `
exporters: { otlp/primary: }
connectors: { failover: { priority_levels: [[traces/primary]] } }
service:
  pipelines:
    traces/primary: { receivers: [failover], exporters: [otlp/primary] }
`,
  ],
}

const nameInstead = (graph: Graph, connector: string, reference: LevelPipeline, to: string): Fix => ({
  title: `name the pipeline \`${to}\``,
  changes: [{ kind: 'set', path: itemPath(graph, ['connectors', connector, 'priority_levels', reference.level], reference), to }],
})
