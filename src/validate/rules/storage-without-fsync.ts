import type { Component, Graph } from '../../collector/graph.ts'
import { sendingOf } from '../../collector/sending.ts'
import { settingsOf } from '../../collector/settings.ts'
import type { Rule } from '../rule.ts'
import { list, quote } from '../words.ts'

export const storageWithoutFsync: Rule = {
  id: 'storage-without-fsync',
  severity: 'info',
  kind: 'loss',
  title: 'A queue on disk is on the disk',
  why: `file_storage leaves it to the operating system when data reaches the disk unless \`fsync\` is true. A collector that dies loses nothing by that; a machine
that loses power or crashes loses the last seconds, and the queue's file may be damaged (contrib 0.161.0, extension/storage/filestorage:
bbolt with NoSync; measured with fsync and a killed collector: nothing lost).`,

  *check(graph) {
    const users = queuesByStorage(graph)
    for (const [id, exporters] of users) {
      const storage = graph.components.extensions.get(id)
      if (storage?.type !== 'file_storage') continue
      const fsync = settingsOf(storage).boolean('fsync', false)
      if (fsync.value) continue
      yield {
        at: fsync.at,
        message: `${quote(id)} has no fsync: what waits in the queue of ${list(exporters.map(quote))} can be lost when the machine crashes or loses power`,
        hint: 'Write `fsync: true`; it makes each write slower. Or accept it, where the machine is safer than that.',
      }
    }
  },

  bad: [
    `
exporters: { otlp/a: { sending_queue: { storage: file_storage/a } }, otlp/b: { sending_queue: { storage: file_storage/b } } }
extensions: { «file_storage/a»: , file_storage/b: { fsync: «false» } }
service: { pipelines: { traces: { receivers: [otlp], exporters: [otlp/a, otlp/b] } } }
`,
  ],

  good: [
    `
exporters: { otlp: { sending_queue: { storage: file_storage } } }
extensions: { file_storage: { fsync: true }, file_storage/unused: }
service: { pipelines: { traces: { receivers: [otlp], exporters: [otlp] } } }
`,
  ],
}

function queuesByStorage({ components, pipelines }: Graph): Map<string, string[]> {
  const used = new Set([...pipelines.values()].flatMap(({ exporters }) => exporters.map(({ id }) => id)))
  const found = new Map<string, string[]>()
  for (const exporter of components.exporters.values()) {
    const storage = used.has(exporter.id) ? storageOf(exporter) : undefined
    if (storage) found.set(storage, [...(found.get(storage) ?? []), exporter.id])
  }
  return found
}

function storageOf(exporter: Component): string | undefined {
  const { queue } = sendingOf(exporter)
  return queue?.enabled.value ? queue.storage?.id : undefined
}
