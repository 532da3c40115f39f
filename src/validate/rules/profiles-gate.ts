import type { Rule } from '../rule.ts'
import { quote } from '../words.ts'

export const profilesGate: Rule = {
  id: 'profiles-gate',
  severity: 'error',
  kind: 'refused',
  title: 'Profiles have their feature gate',
  why: `A collector does not start with a pipeline of profiles unless it is started with \`--feature-gates=service.profilesSupport\` (core 0.161.0,
service/pipelines: "profiling signal support is at alpha level"; measured). The failover connector takes no profiles.`,

  *check({ pipelines }) {
    for (const { id, signal, at } of pipelines.values()) {
      if (signal !== 'profiles') continue
      yield {
        at,
        message: `${quote(id)} needs the feature gate service.profilesSupport`,
        hint: 'Start the collector with `--feature-gates=service.profilesSupport`, and switch this rule off; or remove the pipeline.',
      }
    }
  },

  bad: ['service: { pipelines: { «profiles»: { receivers: [otlp], exporters: [otlp] } } }'],

  good: ['service: { pipelines: { traces/profiles: { receivers: [otlp], exporters: [otlp] } } }'],
}
