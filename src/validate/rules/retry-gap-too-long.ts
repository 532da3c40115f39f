import { settingsOf } from '../../collector/settings.ts'
import { since } from '../../collector/versions.ts'
import { formatDuration } from '../../core/duration.ts'
import type { Rule } from '../rule.ts'
import { quote } from '../words.ts'

export const retryGapTooLong: Rule = {
  id: 'retry-gap-too-long',
  severity: 'error',
  kind: 'refused',
  title: 'In old collectors a round of retries fits into its interval',
  why: `Before contrib 0.121.0 the connector tried one level after the other, \`retry_gap\` apart (30s when not set), each \`retry_interval\` (10m when not set): the
collector does not start unless retry_interval is longer than retry_gap × levels (contrib failoverconnector, config.go before pull request 38064).`,

  *check({ failovers, version }) {
    if (since(version, 121)) return
    for (const { component, levels, retryInterval } of failovers) {
      const gap = settingsOf(component).duration('retry_gap', 30_000)
      const round = gap.value * levels.length
      if (gap.value > 0 && retryInterval.value > round) continue
      const longest = formatDuration(retryInterval.value / Math.max(1, levels.length) / 2)
      yield {
        at: gap.stated ? gap.at : retryInterval.at,
        message:
          gap.value > 0
            ? `retry_interval of ${quote(component.id)} is ${formatDuration(retryInterval.value)}, and ${levels.length} levels take ${formatDuration(round)}, ${formatDuration(gap.value)} (retry_gap) each`
            : `the retry_gap of ${quote(component.id)} is not above 0`,
        hint: `Set \`retry_gap: ${longest}\`, or a longer retry_interval.`,
      }
    }
  },

  bad: [
    `
# collector 0.120
connectors:
  failover/a: { priority_levels: [[traces/a], [traces/b]], retry_interval: «1m» }
  failover/b: { priority_levels: [[traces/a], [traces/b]], retry_gap: «5m» }
  failover/c: { priority_levels: [[traces/a], [traces/b]], retry_gap: «0s» }
`,
  ],

  good: [
    `
# collector 0.120
connectors: { failover: { priority_levels: [[traces/a], [traces/b]] } }
`,
    'connectors: { failover: { priority_levels: [[traces/a], [traces/b]], retry_interval: 5s } }',
  ],
}
