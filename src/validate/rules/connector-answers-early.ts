import type { Failover, Graph } from '../../collector/graph.ts'
import { hides } from '../levels.ts'
import type { Rule } from '../rule.ts'
import { quote } from '../words.ts'

export const connectorAnswersEarly: Rule = {
  id: 'connector-answers-early',
  severity: 'info',
  kind: 'loss',
  title: 'Senders hear from the level, not from the queue before it',
  why: `From 0.136 on the failover connector has a queue of its own, in memory and on by default. Senders get their answer before any level has the data:
what waits there is lost when the collector dies, and dropped when all levels fail (contrib failoverconnector; measured on core 0.161.0: both
backends down for 1.8s, 10 of 21 spans lost, each answered with 200; with the queue off the sender got 503 for them).`,

  *check(graph) {
    for (const failover of graph.failovers) {
      const { component, queue, sources } = failover
      if (!hides(queue) || queue.storage || sources.length === 0) continue
      const replayers = replayersOf(failover, graph)
      const name = quote(component.id)
      yield {
        at: queue.enabled.at,
        severity: replayers.length > 0 ? 'warning' : 'info',
        message: `${name} answers ${replayers.map(quote).join(', ') || 'senders'} before a level has the data: what waits in its queue can be lost`,
        hint: `Set \`sending_queue: {enabled: false}\` on ${name} where senders can send again.`,
      }
    }
  },

  bad: [
    `
connectors: { «failover»: , failover/b: { «sending_queue»: { queue_size: 5 } } }
receivers: { otlp: , kafka: }
service:
  pipelines:
    traces: { receivers: [otlp], exporters: [failover] }
    logs: { receivers: [kafka], exporters: [failover/b] }
`,
  ],

  good: [
    `
connectors: { failover: { sending_queue: { enabled: false } } }
service: { pipelines: { traces: { receivers: [otlp], exporters: [failover] } } }
`,
    `
# collector 0.135
connectors: { failover: }
service: { pipelines: { traces: { receivers: [otlp], exporters: [failover] } } }
`,
  ],
}

/** Receivers that read again what was refused: an early answer costs them that. */
const REPLAYS: ReadonlySet<string> = new Set(['kafka', 'filelog', 'file_log'])

const replayersOf = ({ sources }: Failover, { components }: Graph): string[] => [
  ...new Set(
    sources
      .flatMap(({ receivers }) => receivers.map(({ id }) => id))
      .filter(id => REPLAYS.has(components.receivers.get(id)?.type ?? '')),
  ),
]
