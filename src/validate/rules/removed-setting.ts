import { datedSettings } from '../../collector/history.ts'
import { since } from '../../collector/versions.ts'
import { datedFix } from '../fixes/dated.ts'
import type { Rule } from '../rule.ts'

export const removedSetting: Rule = {
  id: 'removed-setting',
  severity: 'error',
  kind: 'refused',
  title: 'No setting is gone in the release that the config runs on',
  why: `A key that a collector does not know keeps it from starting. \`retry_gap\` and \`max_retries\` were removed in contrib 0.157.0 (issue 49583),
\`service.telemetry.metrics.address\` in core 0.128.0 (pull request 13212); \`max_file_size_mib\` of file_storage is in guides, and never existed.`,

  *check(graph) {
    for (const dated of datedSettings(graph)) {
      const { at, what, removed, instead } = dated
      if (removed === undefined || !since(graph.version, removed)) continue
      const when = removed === 0 ? 'never existed' : `was removed in 0.${removed}`
      yield {
        at,
        message: `${what} ${when}: collector ${graph.version.text} does not start`,
        hint: instead,
        ...datedFix(dated, graph),
      }
    }
  },

  bad: [
    `
connectors:
  failover:
    «retry_gap»: 5s
    «max_retries»: 3
`,
    `
# collector 0.130
exporters:
  otlp: { sending_queue: { «blocking»: true }, «batcher»: {} }
`,
    'extensions: { file_storage/queue: { «max_file_size_mib»: 4096 } }',
    'service: { telemetry: { metrics: { level: detailed, «address»: "0.0.0.0:8888" } } }',
  ],

  good: [
    'connectors: { failover: { retry_interval: 30s } }',
    `
# collector 0.156
connectors: { failover: { retry_gap: 5s } }
`,
  ],
}
