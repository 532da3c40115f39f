import { asText } from '../../collector/settings.ts'
import { lookup } from '../../source/value.ts'
import type { Rule } from '../rule.ts'
import { quote } from '../words.ts'

export const levelNotAList: Rule = {
  id: 'level-not-a-list',
  severity: 'error',
  kind: 'refused',
  title: 'Each level is a list of pipelines',
  why: `priority_levels is a list of lists: a level may have several pipelines. A single text is refused
(measured on core 0.161.0: "source data must be an array or slice, got string").`,

  *check({ failovers }) {
    for (const { component } of failovers) {
      const levels = lookup(component.settings, 'priority_levels')
      const found = levels?.kind === 'list' ? levels.items : levels ? [levels] : []
      for (const level of found) {
        const text = asText(level)
        if (level.kind === 'list' || text === undefined) continue
        yield {
          at: level.at,
          message: `a level of ${quote(component.id)} is a text, and must be a list`,
          hint: level.kind === 'scalar' && !level.fromEnvironment ? `Write \`[${text}]\`.` : 'Put it in brackets.',
        }
      }
    }
  },

  bad: [
    `
connectors:
  failover:
    priority_levels:
      - «traces/primary»
      - [traces/backup]
`,
    'connectors: { failover: { priority_levels: «traces/primary» } }',
  ],

  good: ['connectors: { failover: { priority_levels: [[traces/primary, traces/copy], [traces/backup]] } }'],
}
