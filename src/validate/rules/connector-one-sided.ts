import type { Component, Graph, LevelPipeline, Pipeline } from '../../collector/graph.ts'
import type { Remark, Rule } from '../rule.ts'
import { list, quote } from '../words.ts'

export const connectorOneSided: Rule = {
  id: 'connector-one-sided',
  severity: 'error',
  kind: 'refused',
  title: 'A connector is an exporter of one pipeline and a receiver of another',
  why: `A connector joins pipelines. Used on one side only, it has nowhere to send or nothing to send, and the collector does not start
(core 0.161.0, service/internal/graph: "used as exporter in … pipeline but not used in any supported receiver pipeline").`,

  *check(graph) {
    const pipelines = [...graph.pipelines.values()]
    for (const connector of graph.components.connectors.values()) {
      const as = (side: 'exporters' | 'receivers') =>
        pipelines.flatMap(pipeline => pipeline[side].filter(({ id }) => id === connector.id).slice(0, 1))
      const [feeds, fed] = [as('exporters'), as('receivers')]
      if (fed.length === 0) for (const { at } of feeds) yield { at, ...noReceiver(connector, graph) }
      if (feeds.length === 0) for (const { at } of fed) yield { at, ...noExporter(connector) }
    }
  },

  bad: [
    `
connectors:
  failover: { priority_levels: [[traces/primary], [traces/backup]] }
service:
  pipelines:
    traces: { receivers: [otlp], exporters: [«failover»] }
    traces/primary: { receivers: [otlp], exporters: [otlp] }
    traces/backup: { receivers: [otlp], exporters: [file] }
`,
    `
connectors:
  failover: { priority_levels: [[traces/primary]] }
service:
  pipelines:
    traces: { receivers: [otlp], exporters: [otlp] }
    traces/primary: { receivers: [«failover»], exporters: [otlp] }
`,
  ],

  good: [
    `
connectors:
  failover: { priority_levels: [[traces/primary]] }
  forward/unused:
service:
  pipelines:
    traces: { receivers: [otlp], exporters: [failover] }
    traces/primary: { receivers: [failover], exporters: [otlp] }
`,
  ],
}

function noReceiver(connector: Component, { failovers }: Graph): Omit<Remark, 'at'> {
  const levels = failovers.find(({ component }) => component === connector)?.levels ?? []
  const meant = levels
    .flatMap(({ pipelines }) => pipelines)
    .filter((reference): reference is LevelPipeline & { pipeline: Pipeline } => reference.pipeline !== undefined)
  const name = quote(connector.id)
  return {
    message: `${name} takes data here, and no pipeline receives from it`,
    hint: `Add ${name} to the receivers of ${meant.length > 0 ? list([...new Set(meant.map(quote))]) : 'the pipelines behind it'}.`,
  }
}

function noExporter(connector: Component): Omit<Remark, 'at'> {
  const name = quote(connector.id)
  return {
    message: `${name} gives data here, and no pipeline exports to it`,
    hint: `Add ${name} to the exporters of the pipeline that receives the data.`,
  }
}
