import { lookup } from '../../source/value.ts'
import type { Rule } from '../rule.ts'
import { quote } from '../words.ts'

export const noPriorityLevels: Rule = {
  id: 'no-priority-levels',
  severity: 'error',
  kind: 'refused',
  title: 'A failover connector has levels',
  why: `Without levels the collector does not start, even when no pipeline uses the connector
(contrib failoverconnector config.go: "No pipelines are defined in the priority list").`,

  *check({ failovers }) {
    for (const { component } of failovers) {
      const levels = lookup(component.settings, 'priority_levels')
      const isEmpty =
        levels === undefined ||
        (levels.kind === 'list' ? levels.items.length === 0 : levels.kind === 'scalar' && levels.value === null)
      if (!isEmpty) continue
      yield {
        at: levels?.at ?? component.at,
        message: `${quote(component.id)} has no \`priority_levels\``,
        hint: 'Write `priority_levels: [[traces/primary], [traces/backup]]`, with your pipelines.',
      }
    }
  },

  bad: [
    'connectors: { «failover»: }',
    'connectors: { «failover/a»: { retry_interval: 5s } }',
    'connectors: { failover: { priority_levels: «[]» } }',
  ],

  good: ['connectors: { failover: { priority_levels: [[traces/primary], [traces/backup]] } }'],
}
