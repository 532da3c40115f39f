import type { Component, Graph } from '../../collector/graph.ts'
import { sendingOf } from '../../collector/sending.ts'
import { keyAt } from '../../collector/settings.ts'
import type { Rule } from '../rule.ts'
import { quote } from '../words.ts'

export const queueConsumers: Rule = {
  id: 'queue-consumers',
  severity: 'info',
  kind: 'advice',
  title: 'A backlog does not overwhelm a backend that is just back',
  why: `A persistent queue keeps an outage's data, and sends it with \`num_consumers\` requests at once, 10 by default, from each collector when the backend is
back, on top of the live traffic (core 0.161.0, exporter/exporterhelper). Fewer give it time; live data waits behind the backlog then.`,

  *check({ components, pipelines }) {
    for (const exporter of usedIn({ components, pipelines })) {
      const { queue } = sendingOf(exporter)
      if (!queue?.enabled.value || !queue.storage || queue.consumers < MANY) continue
      const stated = keyAt(exporter.settings, ['sending_queue', 'num_consumers'])
      yield {
        at: stated ?? queue.enabled.at,
        message: `when its backend is back, ${quote(exporter.id)} sends the backlog with ${queue.consumers} requests at once${stated ? '' : ', the default'}`,
        hint: 'Set `num_consumers` to what the backend takes besides live traffic, such as 2 to 5.',
      }
    }
  },

  bad: [
    `
exporters: { otlp/a: { «sending_queue»: { storage: file_storage } }, otlp/b: { sending_queue: { storage: file_storage, «num_consumers»: 20 } } }
service: { pipelines: { traces: { receivers: [otlp], exporters: [otlp/a, otlp/b] } } }
`,
  ],

  good: [
    `
exporters: { otlp/a: { sending_queue: { storage: file_storage, num_consumers: 5 } }, otlp/b: , otlp/unused: { sending_queue: { storage: s } } }
service: { pipelines: { traces: { receivers: [otlp], exporters: [otlp/a, otlp/b] } } }
`,
  ],
}

const MANY = 10

function usedIn({ components, pipelines }: Pick<Graph, 'components' | 'pipelines'>): Component[] {
  const used = new Set([...pipelines.values()].flatMap(({ exporters }) => exporters.map(({ id }) => id)))
  return [...components.exporters.values()].filter(({ id }) => used.has(id))
}
