import { sendingOf } from '../../collector/sending.ts'
import { formatDuration } from '../../core/duration.ts'
import { hides, placedExporters } from '../levels.ts'
import type { Rule } from '../rule.ts'
import { keepsSenderWaiting, SENDER_TIMEOUT_MS } from '../sender-timeout.ts'
import { quote } from '../words.ts'

export const slowFailover: Rule = {
  id: 'slow-failover',
  severity: 'info',
  kind: 'advice',
  title: 'The time until failover is chosen',
  why: `A backend that hangs costs the exporter's whole \`timeout\` before the next level is tried, for each batch that is under way (core 0.161.0,
exporter/exporterhelper; measured with the default of 5s: failover after 5.1s). The default is 5s over gRPC and 30s over HTTP. A timeout that
the config states and that is 10s or less counts as chosen.`,

  *check(graph) {
    for (const { exporter, place } of placedExporters(graph)) {
      const { timeout, queue, retry } = sendingOf(exporter)
      // Queue and retries have rules of their own, and hide this time behind a longer one.
      if (place.isLast || !timeout || timeout.value === 0 || hides(queue) || retry?.enabled.value) continue
      if (timeout.stated && timeout.value <= CHOSEN_MS) continue
      // Worse than slow, and told by sender-gives-up-first.
      if (timeout.value >= SENDER_TIMEOUT_MS && keepsSenderWaiting(place, graph)) continue
      const time = formatDuration(timeout.value)
      const why = timeout.stated ? 'its timeout' : 'the default of its timeout'
      yield {
        at: timeout.at,
        message: `when the backend of ${quote(exporter.id)} hangs, failover takes ${time}: ${why}`,
        hint: `Set \`timeout\` to what an answer may take, such as \`${timeout.value > 5000 ? '5s' : '2s'}\`.`,
      }
    }
  },

  bad: [
    `
exporters:
  «otlphttp/a»: { sending_queue: { enabled: false }, retry_on_failure: { enabled: false } }
  otlp/b: { timeout: «20s», sending_queue: { enabled: false }, retry_on_failure: { enabled: false } }
  file:
connectors: { failover: { priority_levels: [[traces/a], [traces/b], [traces/file]] } }
service:
  pipelines:
    traces/a: { receivers: [failover], exporters: [otlphttp/a] }
    traces/b: { receivers: [failover], exporters: [otlp/b] }
    traces/file: { receivers: [failover], exporters: [file] }
`,
  ],

  good: [
    `
exporters:
  otlphttp/a: { timeout: 5s, sending_queue: { enabled: false }, retry_on_failure: { enabled: false } }
  otlp/queued:
  otlp/last: { sending_queue: { enabled: false }, retry_on_failure: { enabled: false } }
connectors: { failover: { priority_levels: [[traces/a, traces/queued], [traces/last]] } }
service:
  pipelines:
    traces/a: { receivers: [failover], exporters: [otlphttp/a] }
    traces/queued: { receivers: [failover], exporters: [otlp/queued] }
    traces/last: { receivers: [failover], exporters: [otlp/last] }
`,
  ],
}

const CHOSEN_MS = 10_000
