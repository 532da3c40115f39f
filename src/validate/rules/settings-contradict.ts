import { exporterType } from '../../collector/component-types.ts'
import { keyAt } from '../../collector/settings.ts'
import { refusedIn } from '../combinations/index.ts'
import type { Rule } from '../rule.ts'
import { quote } from '../words.ts'

export const settingsContradict: Rule = {
  id: 'settings-contradict',
  severity: 'error',
  kind: 'refused',
  title: 'The settings of a component go together',
  why: `Some settings are fine alone and refused together, or in one range only: \`append\` with \`rotation\`, a certificate without its key, batches
smaller at most than at least (core and contrib 0.161.0, config.go of each component). The collector names the first one that it meets, without
a line, and does not start.`,

  *check({ components, pipelines }) {
    const used = new Set([...pipelines.values()].flatMap(({ exporters }) => exporters.map(({ id }) => id)))
    for (const section of Object.values(components)) {
      for (const component of section.values()) {
        const type = component.section === 'exporters' ? exporterType(component.type) : component.type
        for (const { path, message, hint, whenUsed } of refusedIn(component, type)) {
          if (whenUsed && !used.has(component.id)) continue
          const at = keyAt(component.settings, path.split('.')) ?? component.at
          yield { at, message: `${message}, in ${quote(component.id)}`, hint }
        }
      }
    }
  },

  bad: [
    'exporters: { file: { path: /a, «append»: true, rotation: } }',
    'processors: { memory_limiter: { check_interval: 1s, «limit_percentage»: 101 } }',
    'exporters: { otlp: { sending_queue: { batch: { «max_size»: 10 } } }, debug: { «output_paths»: [a] } }',
    'processors: { batch: { «send_batch_max_size»: 10 } }\nreceivers: { otlp: { protocols: { grpc: { «tls»: {} } } } }',
  ],

  good: [
    'exporters: { file: { path: /a, append: true }, otlp: { sending_queue: { enabled: false, storage: a, wait_for_result: true } } }',
    'processors: { memory_limiter: { check_interval: 1s, limit_percentage: 80, spike_limit_percentage: 15 }, batch: { send_batch_max_size: 9000 } }',
  ],
}
