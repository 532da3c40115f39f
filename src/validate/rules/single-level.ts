import type { Rule } from '../rule.ts'
import { quote } from '../words.ts'

export const singleLevel: Rule = {
  id: 'single-level',
  severity: 'error',
  kind: 'placebo',
  title: 'There is a level to fail over to',
  why: `With one level there is nothing to fail over to: when its pipeline fails, everything is refused until the next retry_interval. Several pipelines
in one level are a fan-out, not a fallback (contrib failoverconnector; the collector accepts it).`,

  *check({ failovers }) {
    for (const { component, levels } of failovers) {
      const [only] = levels
      if (!only || levels.length > 1 || only.pipelines.length === 0) continue
      const fanOut = only.pipelines.length > 1
      yield {
        at: only.at,
        message: fanOut
          ? `all pipelines of ${quote(component.id)} are in one level: each gets all data, and none is a fallback`
          : `${quote(component.id)} has one level, and nothing to fail over to`,
        hint: fanOut ? 'Give each pipeline a list of its own.' : 'Add a level, such as a pipeline with a file exporter.',
      }
    }
  },

  bad: [
    'connectors: { failover: { priority_levels: [«[traces/primary]»] } }',
    'connectors: { failover: { priority_levels: [«[traces/primary, traces/backup]»] } }',
  ],

  good: [
    'connectors: { failover: { priority_levels: [[traces/primary], [traces/backup]] } }',
    'connectors: { failover: { priority_levels: [] } }',
  ],
}
