import { sendingOf } from '../../collector/sending.ts'
import { placedExporters } from '../levels.ts'
import type { Rule } from '../rule.ts'
import { quote } from '../words.ts'

export const noTimeout: Rule = {
  id: 'no-timeout',
  severity: 'error',
  kind: 'placebo',
  title: 'Every exporter above the last level has a timeout',
  why: `A backend that hangs takes the connection and answers nothing. Only the exporter's \`timeout\` turns that into an error; 0 waits for ever
(core 0.161.0, exporter/exporterhelper: "A zero timeout means no timeout"; measured with the default of 5s: failover after 5.1s).`,

  *check(graph) {
    for (const { exporter, place } of placedExporters(graph)) {
      const { timeout } = sendingOf(exporter)
      if (place.isLast || !timeout?.stated || timeout.value > 0) continue
      yield {
        at: timeout.at,
        message: `${quote(exporter.id)} waits for ever: when its backend hangs, ${quote(place.failover.component.id)} never leaves level ${place.level.index}`,
        hint: 'Write how long an answer may take, such as `5s`.',
      }
    }
  },

  bad: [
    `
exporters: { otlp/a: { timeout: «0s» }, otlp/b: { timeout: 0s } }
connectors: { failover: { priority_levels: [[traces/a], [traces/b]] } }
service:
  pipelines:
    traces/a: { receivers: [failover], exporters: [otlp/a] }
    traces/b: { receivers: [failover], exporters: [otlp/b] }
`,
  ],

  good: [
    `
exporters: { otlp/a: { timeout: 2s }, otlp/b: , file: }
connectors: { failover: { priority_levels: [[traces/a], [traces/b], [traces/file]] } }
service:
  pipelines:
    traces/a: { receivers: [failover], exporters: [otlp/a] }
    traces/b: { receivers: [failover], exporters: [otlp/b] }
    traces/file: { receivers: [failover], exporters: [file] }
`,
  ],
}
