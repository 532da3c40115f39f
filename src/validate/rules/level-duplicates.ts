import type { Level } from '../../collector/graph.ts'
import type { Rule } from '../rule.ts'
import { list, quote } from '../words.ts'

export const levelDuplicates: Rule = {
  id: 'level-duplicates',
  severity: 'warning',
  kind: 'advice',
  title: 'A level above the last one has one destination',
  why: `A level with several pipelines, or a pipeline with several exporters, is a fan-out: each gets all data, nothing is balanced. An error of one fails the
level, and the whole batch goes to the next level: what the others had taken arrives twice (contrib failoverconnector; core 0.161.0,
internal/fanoutconsumer).`,

  *check({ failovers }) {
    for (const { component, levels } of failovers) {
      for (const level of levels.slice(0, -1)) {
        const destinations = destinationsOf(level)
        if (destinations.length < 2) continue
        yield {
          at: level.at,
          message: `level ${level.index} of ${quote(component.id)} sends everything to ${list(destinations.map(quote))}: when one fails, what the others took arrives twice`,
          hint: 'For a fallback give each a level of its own. Two copies that fail apart need a failover connector each.',
        }
      }
    }
  },

  bad: [
    `
connectors:
  failover: { priority_levels: [«[traces/a, traces/b]», [traces/c]] }
  failover/logs: { priority_levels: [«[logs/a]», [logs/b]] }
service: { pipelines: { logs/a: { receivers: [failover/logs], exporters: [otlp/a, otlp/b] } } }
`,
  ],

  good: [
    'connectors: { failover: { priority_levels: [[traces/a], [traces/b], [traces/c, traces/d]] } }',
    'connectors: { failover: { priority_levels: [[traces/a, traces/b]] } }',
  ],
}

function destinationsOf({ pipelines }: Level) {
  if (pipelines.length !== 1) return pipelines
  return pipelines[0]?.pipeline?.exporters ?? []
}
