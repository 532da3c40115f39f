import type { Retry } from '../../collector/graph.ts'
import { sendingOf } from '../../collector/sending.ts'
import { since } from '../../collector/versions.ts'
import { formatDuration } from '../../core/duration.ts'
import { lookup } from '../../source/value.ts'
import type { Rule } from '../rule.ts'
import { quote } from '../words.ts'

export const retryTimesContradict: Rule = {
  id: 'retry-times-contradict',
  severity: 'error',
  kind: 'refused',
  title: 'Retries end no earlier than a pause between them lasts',
  why: `The collector does not start when \`max_elapsed_time\` is shorter than \`initial_interval\` (5s when not set) or \`max_interval\` (30s when not set; its own default is 5m), and
since 0.156 not even when retries are off (core 0.161.0, config/configretry; core pull request 15437).`,

  *check({ components, version }) {
    for (const exporter of components.exporters.values()) {
      const { retry } = sendingOf(exporter)
      if (!retry || !(retry.enabled.value || since(version, 156))) continue
      const longer = longerThanAll(retry)
      if (!longer) continue
      const { value, stated, at } = retry.maxElapsed
      const pauseAt = lookup(exporter.settings, 'retry_on_failure', longer.name)?.at
      yield {
        at: stated ? at : (pauseAt ?? at),
        message: `\`max_elapsed_time\` of ${quote(exporter.id)} is ${formatDuration(value)}${stated ? '' : ' by default'}, and \`${longer.name}\` is ${formatDuration(longer.ms)}: it must not be shorter`,
        hint: `Set \`${longer.name}: ${formatDuration(value)}\` as well. To have no retries: \`retry_on_failure: {enabled: false}\`.`,
      }
    }
  },

  bad: [
    'exporters: { otlp: { retry_on_failure: { max_elapsed_time: «10s» } } }',
    'exporters: { otlp: { retry_on_failure: { enabled: false, initial_interval: 1m, max_interval: 1s, max_elapsed_time: «30s» } } }',
    'exporters: { otlp: { retry_on_failure: { max_interval: «10m» } } }',
  ],

  good: [
    'exporters: { otlp: { retry_on_failure: { initial_interval: 1s, max_interval: 10s, max_elapsed_time: 30s } } }',
    'exporters: { otlp: { retry_on_failure: { max_elapsed_time: 0s } } }',
    '# collector 0.155\nexporters: { otlp: { retry_on_failure: { enabled: false, max_elapsed_time: 1s } } }',
  ],
}

function longerThanAll({ initialMs, maxMs, maxElapsed }: Retry): { name: string; ms: number } | undefined {
  if (maxElapsed.value <= 0) return undefined
  const pauses = [
    { name: 'initial_interval', ms: initialMs },
    { name: 'max_interval', ms: maxMs },
  ]
  return pauses.find(({ ms }) => ms > maxElapsed.value)
}
