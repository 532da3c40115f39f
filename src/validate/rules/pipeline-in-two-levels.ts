import type { LevelPipeline } from '../../collector/graph.ts'
import type { Rule } from '../rule.ts'
import { quote } from '../words.ts'

export const pipelineInTwoLevels: Rule = {
  id: 'pipeline-in-two-levels',
  severity: 'error',
  kind: 'placebo',
  title: 'A pipeline stands at one priority level',
  why: `When a pipeline fails, every level that lists it fails too, so a lower level that repeats it is no fallback for it
(contrib failoverconnector; measured on core 0.161.0: the collector accepts it).`,

  *check({ failovers }) {
    for (const { levels } of failovers) {
      const first = new Map<string, LevelPipeline>()
      for (const reference of levels.flatMap(({ pipelines }) => pipelines)) {
        const seen = first.get(reference.id)
        if (!seen) first.set(reference.id, reference)
        else
          yield {
            at: reference.at,
            message: `${quote(reference)} is already at level ${seen.level}`,
            hint: 'Name another pipeline, with another backend, or remove it.',
          }
      }
    }
  },

  bad: [
    `
connectors:
  failover:
    priority_levels:
      - [traces/near]
      - [traces/far, «traces/near»]
`,
  ],

  good: [
    `
connectors:
  failover/a: { priority_levels: [[traces/near], [traces/far]] }
  failover/b: { priority_levels: [[traces/far], [traces/near]] }
`,
  ],
}
