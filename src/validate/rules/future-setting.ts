import { datedSettings } from '../../collector/history.ts'
import { since as isSince } from '../../collector/versions.ts'
import { datedFix } from '../fixes/dated.ts'
import type { Rule } from '../rule.ts'

export const futureSetting: Rule = {
  id: 'future-setting',
  severity: 'error',
  kind: 'refused',
  title: 'No setting is newer than the release that the config runs on',
  why: `A key or a component type that a collector does not know yet keeps it from starting. The failover connector has a \`sending_queue\` since contrib
0.136.0 (issue 33077), and a \`condition\` since about 0.159 (pull request 49578), whose \`contains\` is a list from 0.163.0 on.`,

  *check(graph) {
    for (const dated of datedSettings(graph)) {
      const { at, what, since, instead } = dated
      if (since === undefined || isSince(graph.version, since)) continue
      const message = `${what} came with 0.${since}: collector ${graph.version.text} does not start`
      yield { at, message, hint: instead, ...(dated.isType ? datedFix(dated, graph) : {}) }
    }
  },

  bad: [
    `
# collector 0.135
connectors: { failover: { «sending_queue»: { enabled: false } } }
`,
    `
# collector 0.161
connectors: { failover: { condition: { error: { «contains»: [Unavailable] } } } }
`,
    `
# collector 0.140
exporters: { «otlp_grpc/primary»: }
`,
  ],

  good: ['connectors: { failover: { sending_queue: { enabled: false }, condition: { error: { contains: [Unavailable] } } } }'],
}
