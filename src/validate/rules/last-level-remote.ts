import { exporterKind } from '../../collector/component-types.ts'
import type { Component, Failover, Graph, Pipeline } from '../../collector/graph.ts'
import { sendingOf } from '../../collector/sending.ts'
import { alike } from '../alike.ts'
import type { Rule } from '../rule.ts'
import { list, quote } from '../words.ts'

export const lastLevelRemote: Rule = {
  id: 'last-level-remote',
  severity: 'info',
  kind: 'loss',
  title: 'The last level keeps data when the network is gone',
  why: `Levels that all need the network fail together when it is the collector's own network that fails. What the last one does not take is given back to
the sender, or dropped when the connector has a queue (contrib failoverconnector; 22 of 38 public configs have no last resort). A file, or a queue with
a storage, takes it. A nop exporter takes it, too, and throws it away.`,

  *check(graph) {
    const found = graph.failovers.flatMap(failover => {
      const exporters = lastExporters(failover, graph)
      return exporters.length > 0 && exporters.every(isNoRefuge) ? [{ failover, exporters }] : []
    })
    for (const group of alike(found, ({ exporters }) => exporters.map(({ id }) => id))) {
      const [{ failover, exporters }] = group
      const discards = exporters.every(({ type }) => exporterKind(type)?.wire === 'none')
      const names = list([...new Set(exporters.map(({ id }) => quote(id)))])
      const whose = list(group.map(({ failover: { component } }) => quote(component.id)))
      yield {
        at: failover.levels.at(-1)?.at ?? failover.component.at,
        message: discards
          ? `the last level of ${whose} is ${names}, which keeps nothing: what gets there is acknowledged and gone`
          : `the last level of ${whose} is remote, too (${names}): when the network is gone there is no place for data`,
        hint: 'Add a level with a file exporter, or give the queue of the last exporter a `storage`.',
      }
    }
  },

  bad: [
    `
exporters: { otlp/a: , otlphttp/b: , file: , nop: }
connectors:
  failover: { priority_levels: [[traces/a], «[traces/b]»] }
  failover/discards: { priority_levels: [[traces/file], «[traces/nop]»] }
service:
  pipelines:
    traces/a: { receivers: [failover], exporters: [otlp/a] }
    traces/b: { receivers: [failover], exporters: [otlphttp/b] }
    traces/file: { receivers: [failover/discards], exporters: [file] }
    traces/nop: { receivers: [failover/discards], exporters: [nop] }
`,
    `
exporters: { otlp: }
connectors: { failover/t: { priority_levels: [[traces/a], «[traces/b]»] }, failover/l: { priority_levels: [[logs/a], [logs/b]] } }
service:
  pipelines:
    traces/b: { receivers: [failover/t], exporters: [otlp] }
    logs/b: { receivers: [failover/l], exporters: [otlp] }
`,
  ],

  good: [
    `
exporters: { otlp/a: , file: , otlp/kept: { sending_queue: { storage: file_storage } } }
connectors:
  failover: { priority_levels: [[traces/a], [traces/file]] }
  failover/kept: { priority_levels: [[traces/b], [traces/kept]] }
service:
  pipelines:
    traces/a: { receivers: [failover], exporters: [otlp/a] }
    traces/file: { receivers: [failover], exporters: [file] }
    traces/b: { receivers: [failover/kept], exporters: [otlp/a] }
    traces/kept: { receivers: [failover/kept], exporters: [otlp/kept] }
`,
  ],
}

function lastExporters({ levels }: Failover, { components }: Graph): (Component | { type: string; id: string })[] {
  const pipelines = levels.at(-1)?.pipelines.flatMap(({ pipeline }) => pipeline ?? []) ?? []
  const ids = pipelines.flatMap(({ exporters }: Pipeline) => exporters.map(({ id }) => id))
  // What is no exporter is a connector: where that ends, other rules follow.
  return ids.map(id => components.exporters.get(id) ?? { type: 'connector', id })
}

function isNoRefuge(exporter: Component | { type: string; id: string }): boolean {
  const kind = exporterKind(exporter.type)
  if (!kind || kind.wire === 'file' || !('settings' in exporter)) return false
  const { queue } = sendingOf(exporter)
  return !(queue?.enabled.value && queue.storage)
}
