import { lookup } from '../../source/value.ts'
import type { Rule } from '../rule.ts'
import { quote } from '../words.ts'

export const retryIntervalNotPositive: Rule = {
  id: 'retry-interval-not-positive',
  severity: 'error',
  kind: 'refused',
  title: 'retry_interval is more than zero',
  why: `The collector does not start: "Retry interval must be positive" (contrib failoverconnector config.go). An empty value counts as zero
(measured on core 0.161.0).`,

  *check({ failovers }) {
    for (const { component, retryInterval } of failovers) {
      const written = lookup(component.settings, 'retry_interval')
      const isEmpty = written?.kind === 'scalar' && written.value === null && !written.isUnknown
      if (!written || !(isEmpty || retryInterval.value <= 0)) continue
      yield {
        at: written.at,
        message: `\`retry_interval\` of ${quote(component.id)} must be more than zero`,
        hint: 'Write for example `30s`, or leave it out for 10m.',
      }
    }
  },

  bad: ['connectors: { failover: { retry_interval: «0s» } }', 'connectors: { failover: { retry_interval: «-5s» } }'],

  good: ['connectors: { failover: { retry_interval: 1ms } }', 'connectors: { failover: { priority_levels: [] } }'],
}
