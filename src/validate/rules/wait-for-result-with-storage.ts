import { sendingOf } from '../../collector/sending.ts'
import { keyAt } from '../../collector/settings.ts'
import type { Rule } from '../rule.ts'
import { quote } from '../words.ts'

export const waitForResultWithStorage: Rule = {
  id: 'wait-for-result-with-storage',
  severity: 'error',
  kind: 'refused',
  title: 'A queue waits for the result or has a storage',
  why: `A queue on disk answers before the data is delivered, and one with \`wait_for_result\` afterwards: the collector does not start with both
(core 0.161.0, exporter/exporterhelper: "wait_for_result is not supported with a persistent queue"; measured).`,

  *check({ components, failovers }) {
    const queues = [
      ...Array.from(components.exporters.values(), component => ({ component, queue: sendingOf(component).queue })),
      ...failovers,
    ]
    for (const { component, queue } of queues) {
      if (!queue?.enabled.value || !queue.waitForResult || !queue.storage) continue
      yield {
        at: keyAt(component.settings, ['sending_queue', 'wait_for_result']) ?? queue.enabled.at,
        message: `the queue of ${quote(component.id)} has \`wait_for_result\` and a storage`,
        hint: 'Remove `storage` for an answer after delivery, or `wait_for_result` for a queue on disk.',
      }
    }
  },

  bad: ['exporters: { otlp: { sending_queue: { storage: file_storage, «wait_for_result»: true } } }'],

  good: [
    `
exporters:
  otlp/a: { sending_queue: { wait_for_result: true } }
  otlp/b: { sending_queue: { storage: file_storage } }
  otlp/off: { sending_queue: { enabled: false, wait_for_result: true, storage: file_storage } }
`,
  ],
}
