import type { Reference } from '../../collector/graph.ts'
import { acknowledgesFirst } from '../acknowledges-first.ts'
import { batchOut } from '../fixes/behind-connector.ts'
import { type Placed, placedPipelines } from '../levels.ts'
import type { Rule } from '../rule.ts'
import { quote } from '../words.ts'

export const batchHidesErrors: Rule = {
  id: 'batch-hides-errors',
  severity: 'error',
  kind: 'placebo',
  title: 'No processor behind a failover connector acknowledges before it delivers',
  why: `The batch processor, and those that wait for whole traces, take data and answer "accepted" at once. When the exporter fails later, they drop the
data and tell nobody (core 0.161.0, processor/batchprocessor; measured: primary stopped, no failover, 30 of 68 spans lost without a sign to the sender).`,

  *check(graph) {
    const found = new Map<Reference, Placed>()
    for (const place of placedPipelines(graph)) {
      for (const processor of place.pipeline.processors.filter(one => acknowledgesFirst(one, graph))) {
        if (found.get(processor)?.isLast !== false) found.set(processor, place)
      }
    }
    for (const [processor, { failover, level, isLast, pipeline }] of found) {
      const fix = batchOut(processor, pipeline, graph)
      const [name, connector] = [quote(processor), quote(failover.component.id)]
      const lost = `${name} accepts data before it is delivered, and drops it on an error`
      const orThere = failover.queue.enabled.value ? " or in the connector's `sending_queue: {batch: {}}`" : ''
      const hint = `Remove it here, and batch before ${connector}${orThere}.`
      if (isLast) yield { at: processor.at, severity: 'warning', kind: 'loss', message: `${lost}: nobody is told`, hint, ...fix }
      else
        yield {
          at: processor.at,
          message: `${lost}: ${connector} sees nothing and does not leave level ${level.index}`,
          hint,
          ...fix,
        }
    }
  },

  bad: [
    `
connectors: { failover: { priority_levels: [[traces/primary], [traces/backup]] } }
service:
  pipelines:
    traces: { receivers: [otlp], processors: [batch], exporters: [failover] }
    traces/primary: { receivers: [failover], processors: [memory_limiter, «batch/primary», «tail_sampling», «queuebatch»], exporters: [otlp] }
    traces/backup: { receivers: [failover], processors: [«batch»], exporters: [file] }
`,
    `
connectors: { failover: { priority_levels: [[traces/primary], [traces/backup]] }, routing: { table: [] } }
service:
  pipelines:
    traces/primary: { receivers: [failover], exporters: [routing] }
    traces/tenant: { receivers: [routing], processors: [«batch»], exporters: [otlp] }
    traces/backup: { receivers: [failover], exporters: [file] }
`,
  ],

  good: [
    `
connectors: { failover: { priority_levels: [[traces/primary], [traces/backup]] } }
service:
  pipelines:
    traces: { receivers: [otlp], processors: [batch], exporters: [failover] }
    traces/primary: { receivers: [failover], processors: [memory_limiter], exporters: [otlp] }
    traces/backup: { receivers: [failover], processors: [queuebatch], exporters: [file] }
processors: { queuebatch: { wait_for_result: true } }
`,
  ],
}
