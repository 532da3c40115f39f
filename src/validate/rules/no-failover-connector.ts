import type { Graph, Pipeline } from '../../collector/graph.ts'
import { keyAt } from '../../collector/settings.ts'
import type { Rule } from '../rule.ts'
import { list, quote } from '../words.ts'

export const noFailoverConnector: Rule = {
  id: 'no-failover-connector',
  severity: 'info',
  kind: 'advice',
  title: 'There is a failover connector',
  why: `A pipeline with several exporters gives all data to each of them, whether the others work or not. Only the failover connector uses one instead of
another (core 0.161.0, internal/fanoutconsumer). A collector that is itself a backend needs none.`,

  *check(graph) {
    if (graph.failovers.length > 0) return
    const fanOuts = [...graph.pipelines.values()].filter(pipeline => deliveriesOf(pipeline, graph).length > 1)
    const hint = 'For failover put a `failover` connector between this pipeline and one pipeline for each exporter.'
    for (const pipeline of fanOuts) {
      const names = deliveriesOf(pipeline, graph).map(quote)
      yield {
        at: pipeline.at,
        message: `${quote(pipeline.id)} sends everything to ${list(names)} at once: a fan-out, and no failover`,
        hint,
      }
    }
    const at = keyAt(graph.root, ['service', 'pipelines'])
    if (fanOuts.length === 0 && at)
      yield { at, message: 'no failover connector: when a backend is down, nothing takes its place' }
  },

  bad: [
    `
exporters: { otlp/primary: , otlp/secondary: , debug: }
service:
  pipelines:
    «traces»: { receivers: [otlp], exporters: [otlp/primary, otlp/secondary] }
    logs: { receivers: [otlp], exporters: [otlp/primary, debug] }
`,
    `
service:
  «pipelines»: { traces: { receivers: [otlp], exporters: [otlp] } }
`,
  ],

  good: ['connectors: { failover: }\nservice: { pipelines: { traces: { receivers: [otlp], exporters: [otlp, file] } } }'],
}

const deliveriesOf = ({ exporters }: Pipeline, { components }: Graph) =>
  exporters.filter(({ id }) => !['debug', 'nop', undefined].includes(components.exporters.get(id)?.type))
