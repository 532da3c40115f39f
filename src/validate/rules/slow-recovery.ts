import { formatDuration } from '../../core/duration.ts'
import { alike } from '../alike.ts'
import type { Rule } from '../rule.ts'
import { list, quote } from '../words.ts'

export const slowRecovery: Rule = {
  id: 'slow-recovery',
  severity: 'warning',
  kind: 'advice',
  title: 'Recovery takes minutes at most',
  why: `Higher levels are tried with one batch each \`retry_interval\`, 10 minutes unless the config says otherwise. Until then everything goes to the lower
level, or nowhere when all levels have failed, also when a backend is back (contrib failoverconnector; measured: back within one interval, and
refused for the whole of it after all levels had failed).`,

  *check({ failovers }) {
    const slow = failovers.filter(({ retryInterval, levels }) => retryInterval.value > SLOW_MS && levels.length > 1)
    for (const group of alike(slow, ({ retryInterval: { value, stated } }) => [value, stated])) {
      const [{ retryInterval }] = group
      const time = formatDuration(retryInterval.value)
      const whose = list(group.map(({ component }) => quote(component.id)))
      const byDefault = retryInterval.stated ? '' : ', the default of its retry_interval'
      yield {
        at: retryInterval.at,
        message: `${whose}: after an outage, and after all levels have failed, it takes up to ${time} until a higher level is tried${byDefault}`,
        hint: 'Set `retry_interval: 30s`, or as long as the lower level may be used without need.',
      }
    }
  },

  bad: [
    'connectors: { «failover»: { priority_levels: [[traces/a], [traces/b]] } }',
    `
connectors:
  failover/traces: { priority_levels: [[traces/a], [traces/b]], retry_interval: «1h» }
  failover/logs: { priority_levels: [[logs/a], [logs/b]], retry_interval: 1h }
`,
  ],

  good: ['connectors: { failover: { priority_levels: [[traces/a], [traces/b]], retry_interval: 5m } }'],
}

const SLOW_MS = 300_000
