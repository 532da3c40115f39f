import type { Rule } from '../rule.ts'
import { quote } from '../words.ts'

export const connectorUnused: Rule = {
  id: 'connector-unused',
  severity: 'warning',
  kind: 'placebo',
  title: 'A failover connector stands between pipelines',
  why: `A connector that no pipeline names does nothing, and the collector accepts it without a word (measured on core 0.161.0).`,

  *check({ failovers }) {
    for (const { component, sources, targets } of failovers) {
      if (sources.length + targets.length > 0) continue
      yield {
        at: component.at,
        message: `no pipeline uses ${quote(component.id)}: nothing fails over`,
        hint: 'Name it in the exporters of the pipeline that receives the data, and in the receivers of those in its levels.',
      }
    }
  },

  bad: [
    `
connectors: { «failover»: { priority_levels: [[traces]] } }
service: { pipelines: { traces: { receivers: [otlp], exporters: [otlp] } } }
`,
  ],

  good: [
    `
connectors: { failover: { priority_levels: [[traces/primary]] } }
service:
  pipelines:
    traces: { receivers: [otlp], exporters: [failover] }
    traces/primary: { receivers: [failover], exporters: [otlp] }
`,
  ],
}
