import { sendingOf } from '../../collector/sending.ts'
import { formatDuration } from '../../core/duration.ts'
import { retryOff } from '../fixes/behind-connector.ts'
import { hides, placedExporters } from '../levels.ts'
import type { Rule } from '../rule.ts'
import { quote } from '../words.ts'

export const retryDelaysFailover: Rule = {
  id: 'retry-delays-failover',
  severity: 'warning',
  kind: 'placebo',
  title: 'No exporter above the last level retries by itself',
  why: `\`retry_on_failure\` is on unless the config says otherwise. The exporter then keeps a batch until \`max_elapsed_time\` (5 minutes) is over, and only
then does the connector see an error; with 0 it never does (core 0.161.0, config/configretry and exporter/exporterhelper).`,

  *check(graph) {
    for (const { exporter, place } of placedExporters(graph)) {
      const { retry, timeout, queue } = sendingOf(exporter)
      if (place.isLast || !retry?.enabled.value) continue
      const hint = `Set \`retry_on_failure: {enabled: false}\` on ${quote(exporter.id)}: the next level is the retry.`
      const fix = retryOff(exporter)
      const who = `${quote(exporter.id)} retries`
      const at = retry.maxElapsed.stated ? retry.maxElapsed.at : retry.enabled.at
      const level = `level ${place.level.index}`
      if (retry.maxElapsed.value === 0) {
        yield {
          at,
          severity: 'error',
          message: `${who} for ever: ${quote(place.failover.component.id)} never leaves ${level}`,
          hint,
          fix,
        }
      } else {
        const worst = formatDuration(retry.maxElapsed.value + (timeout?.value ?? 0))
        const byDefault = retry.enabled.stated || retry.maxElapsed.stated ? '' : ' by default'
        const waits = hides(queue) ? 'would wait, even without its queue,' : 'waits'
        yield { at, message: `${who}${byDefault}: failover from ${level} ${waits} up to ${worst} for each batch`, hint, fix }
      }
    }
  },

  bad: [
    `
exporters:
  «otlp/default»:
  otlp/infinite: { retry_on_failure: { max_elapsed_time: «0s» } }
  otlp/short: { retry_on_failure: { enabled: true, max_elapsed_time: «30s» } }
  otlp/on: { retry_on_failure: { enabled: «true» } }
  otlp/last:
connectors:
  failover: { priority_levels: [[traces/default, traces/infinite], [traces/short, traces/on], [traces/last]] }
service:
  pipelines:
    traces/default: { receivers: [failover], exporters: [otlp/default] }
    traces/infinite: { receivers: [failover], exporters: [otlp/infinite] }
    traces/short: { receivers: [failover], exporters: [otlp/short] }
    traces/on: { receivers: [failover], exporters: [otlp/on] }
    traces/last: { receivers: [failover], exporters: [otlp/last] }
`,
  ],

  good: [
    `
exporters:
  otlp/primary: { retry_on_failure: { enabled: false } }
  otlp/last: { retry_on_failure: { enabled: true } }
connectors:
  failover: { priority_levels: [[traces/primary], [traces/last]] }
service:
  pipelines:
    traces/primary: { receivers: [failover], exporters: [otlp/primary] }
    traces/last: { receivers: [failover], exporters: [otlp/last] }
`,
  ],
}
