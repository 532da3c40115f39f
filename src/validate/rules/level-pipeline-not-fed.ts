import type { Rule } from '../rule.ts'
import { quote } from '../words.ts'

export const levelPipelineNotFed: Rule = {
  id: 'level-pipeline-not-fed',
  severity: 'error',
  kind: 'refused',
  title: 'Every pipeline of a level receives from the connector',
  why: `The connector can send only to pipelines that list it as a receiver. For any other the collector says "Error registering consumer",
with no name and no line, and does not start (contrib failoverconnector; measured on core 0.161.0).`,

  *check({ failovers }) {
    for (const { component, levels, targets } of failovers) {
      // Without any target the connector is one-sided, which is a rule of its own.
      if (targets.length === 0) continue
      for (const reference of levels.flatMap(({ pipelines }) => pipelines)) {
        if (!reference.pipeline || targets.includes(reference.pipeline)) continue
        yield {
          at: reference.at,
          message: `${quote(reference)} does not receive from ${quote(component.id)}, so the connector cannot send to it`,
          hint: `Add ${quote(component.id)} to the receivers of that pipeline, on line ${reference.pipeline.at.line}.`,
        }
      }
    }
  },

  bad: [
    `
connectors:
  failover: { priority_levels: [[traces/primary], [«traces/backup»]] }
service:
  pipelines:
    traces: { receivers: [otlp], exporters: [failover] }
    traces/primary: { receivers: [failover], exporters: [otlp] }
    traces/backup: { receivers: [otlp], exporters: [file] }
`,
  ],

  good: [
    `
connectors:
  failover: { priority_levels: [[traces/primary], [traces/backup]] }
service:
  pipelines:
    traces: { receivers: [otlp], exporters: [failover] }
    traces/primary: { receivers: [failover], exporters: [otlp] }
    traces/backup: { receivers: [failover], exporters: [file] }
`,
  ],
}
