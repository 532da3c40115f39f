import type { Rule } from '../rule.ts'
import { quote } from '../words.ts'

export const pipelineInNoLevel: Rule = {
  id: 'pipeline-in-no-level',
  severity: 'error',
  kind: 'placebo',
  title: 'Every pipeline that receives from the connector stands in a level',
  why: `The connector sends only to the pipelines that its levels name. Another one that lists it as a receiver never gets any data, and the collector
says nothing (contrib failoverconnector; measured on core 0.161.0: the collector accepts it).`,

  *check({ failovers }) {
    for (const { component, levels, targets } of failovers) {
      const named = levels.flatMap(({ pipelines }) => pipelines)
      // A level that is wrong in itself may mean any of them.
      if (
        levels.length === 0 ||
        levels.some(({ pipelines }) => pipelines.length === 0) ||
        named.some(({ pipeline }) => !pipeline)
      )
        continue
      for (const target of targets.filter(({ id }) => !named.some(reference => reference.id === id))) {
        const use = target.receivers.find(({ id }) => id === component.id)
        yield {
          at: use?.at ?? target.at,
          message: `${quote(target.id)} receives from ${quote(component.id)} and stands in none of its levels: it never gets data`,
          hint: `Add ${quote(target.id)} to the \`priority_levels\`, on line ${component.at.line} and below, or remove the pipeline.`,
        }
      }
    }
  },

  bad: [
    `
connectors:
  failover: { priority_levels: [[traces/primary]] }
service:
  pipelines:
    traces/primary: { receivers: [failover], exporters: [otlp] }
    traces/backup: { receivers: [«failover»], exporters: [file] }
`,
  ],

  good: [
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
