import type { Alert } from '../alerts/alert.ts'
import { writeYaml } from '../source/write-yaml.ts'

/** What every alert gets besides its own. */
export interface AlertDress {
  /** Added to each alert; a label of the same name as its own wins. */
  readonly labels: Readonly<Record<string, string>>
  /** `{alert}` in it is the alert's name; without that the name is put at its end. */
  readonly runbookUrl: string | undefined
}

const GROUP = 'failoverctl'

/** A rules file of Prometheus. */
export const alertRules = (alerts: readonly Alert[], dress: AlertDress, made: string): string =>
  `${made}${writeYaml({ groups: [{ name: GROUP, rules: alerts.map(alert => ruleOf(alert, dress)) }] })}`

/** The same as a resource of the Prometheus operator. */
export const prometheusRule = (
  alerts: readonly Alert[],
  dress: AlertDress,
  made: string,
  { name, namespace, labels }: { name: string; namespace: string | undefined; labels: Readonly<Record<string, string>> },
): string =>
  `${made}${writeYaml({
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(Object.keys(labels).length > 0 ? { labels } : {}),
    },
    spec: { groups: [{ name: GROUP, rules: alerts.map(alert => ruleOf(alert, dress)) }] },
  })}`

const ruleOf = (alert: Alert, dress: AlertDress) => ({
  alert: alert.name,
  expr: alert.expr,
  ...(alert.holdsFor === '0s' ? {} : { for: alert.holdsFor }),
  labels: labelsOf(alert, dress),
  annotations: annotationsOf(alert, dress),
})

export const labelsOf = ({ severity, labels }: Alert, dress: AlertDress): Record<string, string> => ({
  severity,
  ...labels,
  ...dress.labels,
})

export const annotationsOf = ({ name, summary, description }: Alert, { runbookUrl }: AlertDress): Record<string, string> => ({
  summary,
  description,
  ...(runbookUrl === undefined ? {} : { runbook_url: runbook(runbookUrl, name) }),
})

const runbook = (url: string, name: string): string =>
  url.includes('{alert}') ? url.replaceAll('{alert}', name) : `${url}${/[/#=]$/.test(url) ? '' : '/'}${name}`
