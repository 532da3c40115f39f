import { lookup } from '../../source/value.ts'
import type { Rule } from '../rule.ts'
import { quote } from '../words.ts'

export const emptyLevel: Rule = {
  id: 'empty-level',
  severity: 'error',
  kind: 'refused',
  title: 'No level is empty',
  why: `The connector looks up the pipelines of every level, and finds none for an empty one: "Error registering consumer", and the collector
does not start (contrib failoverconnector; measured on core 0.161.0).`,

  *check({ failovers }) {
    for (const { component, sources, targets } of failovers) {
      const levels = lookup(component.settings, 'priority_levels')
      // What no pipeline uses is read and never built.
      if (levels?.kind !== 'list' || sources.length + targets.length === 0) continue
      for (const [index, level] of levels.items.entries()) {
        const isEmpty = level.kind === 'list' ? level.items.length === 0 : level.kind === 'scalar' && level.value === null
        if (isEmpty)
          yield {
            at: level.at,
            message: `level ${index} of ${quote(component.id)} has no pipeline`,
            hint: 'Name a pipeline, or remove the level.',
          }
      }
    }
  },

  bad: [
    `
connectors: { failover: { priority_levels: [[traces/primary], «[]», [traces/backup]] } }
service: { pipelines: { traces: { receivers: [otlp], exporters: [failover] } } }
`,
  ],

  good: [
    `
connectors: { failover: { priority_levels: [[traces/primary], [traces/backup]] }, failover/unused: { priority_levels: [[]] } }
service: { pipelines: { traces: { receivers: [otlp], exporters: [failover] } } }
`,
  ],
}
