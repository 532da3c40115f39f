import { since } from '../../collector/versions.ts'
import { formatDuration } from '../../core/duration.ts'
import { alike } from '../alike.ts'
import type { Rule } from '../rule.ts'
import { list, quote } from '../words.ts'

export const anyErrorFailsOver: Rule = {
  id: 'any-error-fails-over',
  severity: 'info',
  kind: 'advice',
  title: 'Only an outage fails over',
  why: `Any error of a level moves all traffic to the next one until the next \`retry_interval\`: also one batch that the backend refuses with 400, or one
moment of throttling with 429 (measured with a retry_interval of 5s: level 1 for 5.2s after one such answer). From about 0.159 on \`condition\` says
which errors fail over (contrib pull requests 49578 and 44518). An interval of 10s or less is taken as short enough.`,

  *check({ failovers, version }) {
    const open = failovers.filter(
      ({ condition, levels, retryInterval }) => condition.length === 0 && levels.length > 1 && retryInterval.value > SHORT_MS,
    )
    for (const group of alike(open, ({ retryInterval }) => retryInterval.value)) {
      const [{ component, retryInterval }] = group
      const whose = list(group.map(one => quote(one.component.id)))
      const contains = since(version, CONDITION_LIST_SINCE) ? '[Unavailable, DeadlineExceeded]' : 'Unavailable'
      const hint = since(version, CONDITION_SINCE)
        ? `\`condition: {error: {contains: ${contains}}}\` narrows it, with texts of your backend's errors.`
        : 'From 0.159 on a `condition` narrows it. Until then keep retry_interval short.'
      yield {
        at: component.at,
        message: `${whose}: one batch answered 400 or 429 moves all traffic to the next level for up to ${formatDuration(retryInterval.value)}`,
        hint,
      }
    }
  },

  bad: [
    `
connectors:
  «failover»: { priority_levels: [[traces/a], [traces/b]] }
  failover/logs: { priority_levels: [[logs/a], [logs/b]] }
  «failover/quick»: { priority_levels: [[logs/c], [logs/d]], retry_interval: 30s }
  failover/quicker: { priority_levels: [[logs/c], [logs/d]], retry_interval: 5s }
`,
  ],

  good: [
    'connectors: { failover: { priority_levels: [[traces/a], [traces/b]], condition: { error: { contains: [Unavailable] } } } }',
    'connectors: { failover: { priority_levels: [[traces/a]] } }',
  ],
}

const SHORT_MS = 10_000
const CONDITION_SINCE = 159
const CONDITION_LIST_SINCE = 163
