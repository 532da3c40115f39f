import type { Rule } from '../rule.ts'
import { quote } from '../words.ts'

export const connectorQueueWithStorage: Rule = {
  id: 'connector-queue-with-storage',
  severity: 'error',
  kind: 'loss',
  title: "The connector's own queue is in memory",
  why: `With a storage in the connector's own sending queue the collector panics at the first batch: "Cannot unref freed data"
(measured on core 0.161.0; core issue 15256 and contrib issue 47229 are open).`,

  *check({ failovers }) {
    for (const { component, queue } of failovers) {
      if (!queue.enabled.value || !queue.storage) continue
      yield {
        at: queue.storage.at,
        message: `the queue of ${quote(component.id)} has a storage: the collector panics at the first batch`,
        hint: `Remove \`storage\`, or set \`sending_queue: {enabled: false}\` so that senders keep what no level takes.`,
      }
    }
  },

  bad: ['connectors: { failover: { sending_queue: { storage: «file_storage» } } }'],

  good: ['connectors: { failover: { sending_queue: { enabled: false, storage: file_storage } }, failover/b: }'],
}
