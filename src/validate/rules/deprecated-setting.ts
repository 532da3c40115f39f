import { datedSettings } from '../../collector/history.ts'
import { since } from '../../collector/versions.ts'
import { datedFix } from '../fixes/dated.ts'
import type { Rule } from '../rule.ts'

export const deprecatedSetting: Rule = {
  id: 'deprecated-setting',
  severity: 'warning',
  kind: 'advice',
  title: 'Settings do what they say in the release that the config runs on',
  why: `A deprecated setting is taken and does nothing, or goes away in a later release. Recovery does not look at \`retry_gap\` and \`max_retries\` since
contrib 0.121.0 (pull request 38064). \`otlp\` and \`otlphttp\` exporters are aliases since core 0.144.0 (issues 14403 and 14396).`,

  *check(graph) {
    for (const dated of datedSettings(graph)) {
      const { at, what, isType, deprecated, removed, instead } = dated
      if (!deprecated || !since(graph.version, deprecated.since)) continue
      if (removed !== undefined && since(graph.version, removed)) continue
      const later = removed === undefined ? '' : ` Collectors from 0.${removed} on refuse it.`
      yield {
        at,
        message: `${what} ${deprecated.effect}`,
        hint: `${instead}${later}`,
        severity: isType ? 'info' : 'warning',
        ...datedFix(dated, graph),
      }
    }
  },

  bad: [
    `
# collector 0.140
connectors: { failover: { «retry_gap»: 5s, «max_retries»: 3 } }
`,
    'exporters: { «otlp/primary»: , «otlphttp»: }',
  ],

  good: [
    'receivers: { otlp: }\nexporters: { otlp_grpc/primary: }',
    `
# collector 0.120
exporters: { otlp: }
connectors: { failover: { retry_gap: 5s } }
`,
    'connectors: { failover: { retry_gap: 5s } }',
  ],
}
