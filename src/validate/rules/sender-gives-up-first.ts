import { sendingOf } from '../../collector/sending.ts'
import { formatDuration } from '../../core/duration.ts'
import { hides, placedExporters } from '../levels.ts'
import type { Rule } from '../rule.ts'
import { keepsSenderWaiting, SENDER_TIMEOUT_MS } from '../sender-timeout.ts'
import { quote } from '../words.ts'

export const senderGivesUpFirst: Rule = {
  id: 'sender-gives-up-first',
  severity: 'warning',
  kind: 'placebo',
  title: 'A level gives up before its sender does',
  why: `Without a queue a request belongs to its sender: one that gives up cancels it on every level. Where a backend hangs and the exporter's \`timeout\`
is not over by then, the levels below are asked with a request that is cancelled already, and all of them fail (measured on core 0.161.0, sender
1s, exporters 5s: level -1 for as long as the backend hung, nothing reached the second level). OTLP senders wait for 10s unless told otherwise.`,

  *check(graph) {
    for (const { exporter, place } of placedExporters(graph)) {
      const { timeout, queue, retry } = sendingOf(exporter)
      // Queue and retries have rules of their own.
      if (place.isLast || !timeout || hides(queue) || retry?.enabled.value) continue
      if (timeout.value < SENDER_TIMEOUT_MS || !keepsSenderWaiting(place, graph)) continue
      const wait = formatDuration(SENDER_TIMEOUT_MS)
      yield {
        at: timeout.at,
        message: `when the backend of ${quote(exporter.id)} hangs, a sender that waits for ${wait} gives up before its timeout (${formatDuration(timeout.value)}): every level fails`,
        hint: 'Set `timeout` to less than what senders wait for, such as `5s`.',
      }
    }
  },

  bad: [
    `
receivers: { otlp: }
exporters:
  «otlphttp/a»: { sending_queue: { enabled: false }, retry_on_failure: { enabled: false } }
  otlp/b: { timeout: «10s», sending_queue: { enabled: false }, retry_on_failure: { enabled: false } }
  file:
connectors:
  failover: { priority_levels: [[traces/a], [traces/b], [traces/file]], sending_queue: { enabled: false } }
service:
  pipelines:
    traces: { receivers: [otlp], exporters: [failover] }
    traces/a: { receivers: [failover], exporters: [otlphttp/a] }
    traces/b: { receivers: [failover], exporters: [otlp/b] }
    traces/file: { receivers: [failover], exporters: [file] }
`,
  ],

  good: [
    `
receivers: { otlp: }
exporters:
  otlphttp/a: { timeout: 5s, sending_queue: { enabled: false }, retry_on_failure: { enabled: false } }
  otlphttp/last: { sending_queue: { enabled: false }, retry_on_failure: { enabled: false } }
connectors: { failover: { priority_levels: [[traces/a], [traces/last]], sending_queue: { enabled: false } } }
service:
  pipelines:
    traces: { receivers: [otlp], exporters: [failover] }
    traces/a: { receivers: [failover], exporters: [otlphttp/a] }
    traces/last: { receivers: [failover], exporters: [otlphttp/last] }
`,
    `
# The connector's queue, a batch processor and a receiver of files cancel nothing.
receivers: { otlp: , filelog: }
processors: { batch: }
exporters:
  otlp/a: { timeout: 20s, sending_queue: { enabled: false }, retry_on_failure: { enabled: false } }
  otlp/b: { timeout: 20s, sending_queue: { enabled: false }, retry_on_failure: { enabled: false } }
  otlp/c: { timeout: 20s, sending_queue: { enabled: false }, retry_on_failure: { enabled: false } }
connectors:
  failover: { priority_levels: [[traces/a], [traces/b]] }
  failover/batch: { priority_levels: [[metrics/a], [metrics/b]], sending_queue: { enabled: false } }
  failover/files: { priority_levels: [[logs/a], [logs/b]], sending_queue: { enabled: false } }
service:
  pipelines:
    traces: { receivers: [otlp], exporters: [failover] }
    metrics: { receivers: [otlp], processors: [batch], exporters: [failover/batch] }
    logs: { receivers: [filelog], exporters: [failover/files] }
    traces/a: { receivers: [failover], exporters: [otlp/a] }
    metrics/a: { receivers: [failover/batch], exporters: [otlp/b] }
    logs/a: { receivers: [failover/files], exporters: [otlp/c] }
`,
  ],
}
