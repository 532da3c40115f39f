import { durationsOf } from '../../collector/durations.ts'
import { formatDuration } from '../../core/duration.ts'
import { readDuration } from '../../source/duration.ts'
import type { Rule } from '../rule.ts'

export const bareDuration: Rule = {
  id: 'bare-duration',
  severity: 'error',
  kind: 'placebo',
  title: 'Durations have a unit',
  why: `A number without a unit is taken and means nanoseconds: with \`timeout: 5\` every request fails before it is sent
(Go's time.Duration; measured on core 0.161.0: \`retry_interval: 5\` passes).`,

  *check({ components }) {
    for (const component of Object.values(components).flatMap(section => [...section.values()])) {
      for (const { path, value } of durationsOf(component)) {
        const duration = readDuration(value)
        if (!duration?.bare || value.kind !== 'scalar') continue
        const said = value.fromEnvironment
          ? 'a number without a unit, which means nanoseconds'
          : `\`${value.text}\`, which means ${formatDuration(duration.ms)}`
        yield {
          at: value.at,
          message: `\`${path}\` of \`${component.id}\` is ${said}`,
          hint: value.fromEnvironment
            ? 'Put the unit into the variable, such as `5s`.'
            : `Write \`${value.text}s\` if seconds are meant.`,
        }
      }
    }
  },

  bad: [
    `
connectors: { failover: { retry_interval: «5» } }
exporters:
  otlp: { timeout: «10», retry_on_failure: { max_elapsed_time: «300» }, sending_queue: { batch: { flush_timeout: «1» } } }
processors: { batch: { timeout: «200» } }
`,
  ],

  good: [
    'exporters: { otlp: { timeout: 5s, retry_on_failure: { max_elapsed_time: 0 } } }\nprocessors: { other: { timeout: 5 } }',
  ],
}
