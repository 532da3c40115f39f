import type { Alert, AlertTest } from '../alerts/alert.ts'
import { writeYaml } from '../source/write-yaml.ts'
import { type AlertDress, annotationsOf, labelsOf } from './alert-rules.ts'

/** Unit tests for `promtool test rules`; `rulesFile` is as it is seen from where the tests stand. */
export const alertTests = (alerts: readonly Alert[], dress: AlertDress, rulesFile: string, made: string): string =>
  `${made}${writeYaml({
    rule_files: [rulesFile],
    evaluation_interval: '1m',
    tests: alerts.flatMap(alert => alert.tests.map(test => testOf(alert, test, dress))),
  })}`

const testOf = (alert: Alert, test: AlertTest, dress: AlertDress) => ({
  name: `${alert.name}: ${test.name}`,
  interval: '1m',
  input_series: test.series.map(([series, values]) => ({ series, values })),
  alert_rule_test: [{ eval_time: `${test.atMinutes}m`, alertname: alert.name, exp_alerts: expected(alert, test, dress) }],
})

function expected(alert: Alert, { fires }: AlertTest, dress: AlertDress) {
  if (!fires) return []
  const labels: Record<string, string> = { ...fires.labels, ...labelsOf(alert, dress) }
  const annotations = Object.entries(annotationsOf(alert, dress)).map(([name, text]) => [name, expanded(text, fires)])
  return [{ exp_labels: labels, exp_annotations: Object.fromEntries(annotations) }]
}

/** As Prometheus fills the template in; the value as the test says it is shown. */
const expanded = (text: string, { labels, value }: NonNullable<AlertTest['fires']>): string =>
  text.replace(/\{\{ \$labels\.(\w+) \}\}/g, (_, label: string) => labels[label] ?? '').replace(/\{\{ \$value[^}]*\}\}/g, value)
