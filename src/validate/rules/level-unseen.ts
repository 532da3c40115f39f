import type { Graph } from '../../collector/graph.ts'
import { asText } from '../../collector/settings.ts'
import { type At, lookup } from '../../source/value.ts'
import type { Rule } from '../rule.ts'

export const levelUnseen: Rule = {
  id: 'level-unseen',
  severity: 'warning',
  kind: 'advice',
  title: "The collector's own metrics show the level",
  why: `Which level is in use, and that every level has failed, is seen only in the collector's own metrics: the gauge
\`otelcol_connector_failover_active_level\` in the newest releases, the exporters' counters in all. Without them a failover that lasts for weeks
looks like a system in order (core 0.161.0, service/telemetry: \`level: none\` serves nothing).`,

  *check(graph) {
    if (graph.failovers.length === 0) return
    const at = unseenAt(graph)
    if (!at) return
    yield {
      at,
      message: "the collector's metrics are off: nobody sees which level is in use",
      hint: 'Remove it: `normal` is the default, served on localhost:8888.',
    }
  },

  bad: ['connectors: { failover: }\nservice: { telemetry: { metrics: { level: «none» } } }'],

  good: [
    'connectors: { failover: }',
    'service: { telemetry: { metrics: { level: none } } }',
    'connectors: { failover: }\nservice: { telemetry: { metrics: { readers: [{ periodic: { exporter: { otlp: } } }] } } }',
  ],
}

function unseenAt({ root }: Graph): At | undefined {
  const level = lookup(root, 'service', 'telemetry', 'metrics', 'level')
  return asText(level)?.toLowerCase() === 'none' ? level?.at : undefined
}
