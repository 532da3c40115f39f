import type { Failover, Pipeline } from '../../collector/graph.ts'
import type { Rule } from '../rule.ts'
import { quote } from '../words.ts'

export const signalMismatch: Rule = {
  id: 'signal-mismatch',
  severity: 'error',
  kind: 'refused',
  title: 'A failover connector carries one signal',
  why: `The connector goes from traces to traces, metrics to metrics and logs to logs only, and looks every level up for each signal that it is
used for: one pipeline of another signal keeps the collector from starting (contrib failoverconnector factory.go; measured on core 0.161.0).`,

  *check({ failovers }) {
    for (const failover of failovers) {
      const { component, levels, targets } = failover
      const references = levels.flatMap(({ pipelines }) => pipelines)
      const signal = signalOf(failover)
      const name = quote(component.id)
      const hint = `Give each signal a failover connector of its own, such as ${quote(`failover/${signal}`)}.`
      for (const reference of references) {
        const other = reference.pipeline?.signal
        if (other !== undefined && other !== signal)
          yield { at: reference.at, message: `level ${reference.level} takes ${other}, and ${name} carries ${signal}`, hint }
      }
      const named = new Set(references.map(({ pipeline }) => pipeline))
      for (const target of targets.filter(({ signal: other }) => other !== signal && signal !== undefined)) {
        if (!named.has(target))
          yield {
            at: useOf(failover, target, 'receivers'),
            message: `${quote(target.id)} receives from ${name}, which carries ${signal}`,
            hint,
          }
      }
      for (const source of failover.sources.filter(({ signal: other }) => other !== signal && signal !== undefined)) {
        yield {
          at: useOf(failover, source, 'exporters'),
          message: `${quote(source.id)} feeds ${name}, whose levels take ${signal}`,
          hint,
        }
      }
    }
  },

  bad: [
    `
connectors:
  failover: { priority_levels: [[traces/primary], [«logs/backup»]] }
service:
  pipelines:
    traces: { receivers: [otlp], exporters: [failover] }
    traces/primary: { receivers: [failover], exporters: [otlp] }
    logs/backup: { receivers: [failover], exporters: [file] }
`,
    `
connectors:
  failover: { priority_levels: [[traces/primary], [traces/backup]] }
service:
  pipelines:
    traces: { receivers: [otlp], exporters: [failover] }
    metrics: { receivers: [otlp], exporters: [«failover»] }
    traces/primary: { receivers: [failover], exporters: [otlp] }
    traces/backup: { receivers: [failover], exporters: [file] }
    metrics/primary: { receivers: [«failover»], exporters: [otlp] }
`,
  ],

  good: [
    `
connectors:
  failover/traces: { priority_levels: [[traces/primary]] }
  failover/logs: { priority_levels: [[logs/primary]] }
service:
  pipelines:
    traces: { receivers: [otlp], exporters: [failover/traces] }
    traces/primary: { receivers: [failover/traces], exporters: [otlp] }
    logs: { receivers: [otlp], exporters: [failover/logs] }
    logs/primary: { receivers: [failover/logs], exporters: [otlp] }
`,
  ],
}

/** What the first pipeline of a level takes; without one, what comes in. */
const signalOf = ({ levels, sources }: Failover): string | undefined =>
  levels.flatMap(({ pipelines }) => pipelines).find(({ pipeline }) => pipeline)?.pipeline?.signal ?? sources[0]?.signal

const useOf = ({ component }: Failover, pipeline: Pipeline, side: 'receivers' | 'exporters') =>
  pipeline[side].find(({ id }) => id === component.id)?.at ?? pipeline.at
