import type { Component, Graph, Queue, Reference } from '../../collector/graph.ts'
import { sendingOf } from '../../collector/sending.ts'
import { nearest } from '../../core/nearest.ts'
import type { Rule } from '../rule.ts'
import { quote } from '../words.ts'

export const storageNotEnabled: Rule = {
  id: 'storage-not-enabled',
  severity: 'error',
  kind: 'refused',
  title: 'The storage of a queue is configured and switched on',
  why: `An extension runs only when service.extensions lists it. \`otelcol validate\` does not look for the storage of a queue; the collector fails
at start (measured on core 0.161.0).`,

  *check(graph) {
    for (const { component, storage } of storagesIn(graph)) {
      const name = quote(storage)
      if (!graph.components.extensions.has(storage.id)) {
        const meant = nearest(storage.id, graph.components.extensions.keys())
        yield {
          at: storage.at,
          message: `the queue of ${quote(component.id)} is stored in ${name}, which is not configured`,
          hint: meant
            ? `Did you mean ${quote(meant)}?`
            : `Configure it under \`extensions\`, and list it in \`service.extensions\`.`,
        }
      } else if (!graph.extensions.some(({ id }) => id === storage.id)) {
        yield {
          at: storage.at,
          message: `the queue of ${quote(component.id)} is stored in ${name}, which is not switched on`,
          hint: `Add ${name} to \`service.extensions\`.`,
        }
      }
    }
  },

  bad: [
    `
exporters: { otlp: { sending_queue: { storage: «file_storage/q» } } }
extensions: { file_storage/queue: }
service:
  extensions: [file_storage/queue]
  pipelines: { traces: { receivers: [otlp], exporters: [otlp] } }
`,
    `
exporters: { otlp: { sending_queue: { storage: «file_storage» } } }
extensions: { file_storage: }
service:
  pipelines: { traces: { receivers: [otlp], exporters: [otlp] } }
`,
  ],

  good: [
    `
exporters:
  otlp: { sending_queue: { storage: file_storage } }
  otlp/unused: { sending_queue: { storage: nowhere } }
  otlp/off: { sending_queue: { enabled: false, storage: nowhere } }
extensions: { file_storage: }
service:
  extensions: [file_storage]
  pipelines: { traces: { receivers: [otlp], exporters: [otlp, otlp/off] } }
`,
  ],
}

// A component that no pipeline uses is never started.
function* storagesIn(graph: Graph): Generator<{ component: Component; storage: Reference }> {
  const used = new Set([...graph.pipelines.values()].flatMap(({ exporters }) => exporters.map(({ id }) => id)))
  const queues: { component: Component; queue: Queue | undefined }[] = [
    ...Array.from(graph.components.exporters.values(), component => ({ component, queue: sendingOf(component).queue })),
    ...graph.failovers,
  ]
  for (const { component, queue } of queues) {
    if (used.has(component.id) && queue?.enabled.value && queue.storage) yield { component, storage: queue.storage }
  }
}
