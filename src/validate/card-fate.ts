import type { Component, Failover, Graph, Queue } from '../collector/graph.ts'
import { sendingOf } from '../collector/sending.ts'
import { settingsOf } from '../collector/settings.ts'
import { formatDuration } from '../core/duration.ts'
import { acknowledgesFirst } from './acknowledges-first.ts'
import { behind, hides, pipelinesOf } from './levels.ts'
import { list, quote } from './words.ts'

/** What becomes of the data in an outage, as sentences. */
export interface Fate {
  /** Where data waits, in the order in which it gets there. */
  readonly waits: readonly string[]
  /** What is gone when the collector is killed. */
  readonly crash: readonly string[]
  /** What the sender sees when every level has failed. */
  readonly allFail: string
}

export function fatesOf(failover: Failover, graph: Graph): Fate {
  const before = batchersBefore(failover, graph)
  const exporters = exportersBehind(failover, graph)
  return {
    waits: [...before.map(waitsInProcessor), ...ownQueue(failover), ...exporters.flatMap(waitsBehind)],
    crash: crashLosses(failover, before, exporters),
    allFail: allFail(failover, before, graph),
  }
}

const waitsInProcessor = (id: string) => `${quote(id)} holds data before the connector, in memory`

const sizeOf = ({ size, sizer }: Queue) => `up to ${size} ${sizer}`

function ownQueue({ component, queue }: Failover): string[] {
  if (!queue.enabled.value) return []
  return [`the connector's queue (${quote(component.id)}): ${sizeOf(queue)}, ${queue.storage ? 'on disk' : 'in memory'}`]
}

function waitsBehind(exporter: Component): string[] {
  const { queue } = sendingOf(exporter)
  if (exporter.type === 'file') return [`the file of ${quote(exporter.id)}${fileLimit(exporter)}`]
  if (!queue?.enabled.value) return []
  return [`the queue of ${quote(exporter.id)}: ${sizeOf(queue)}, ${queue.storage ? 'on disk' : 'in memory'}`]
}

function fileLimit(exporter: Component): string {
  const settings = settingsOf(exporter)
  if (!settings.key('rotation')) return ''
  const backups = settings.number('rotation.max_backups', 100).value
  return backups > 0 ? `: up to ${(backups + 1) * settings.number('rotation.max_megabytes', 100).value} MB` : ''
}

function crashLosses({ queue }: Failover, before: readonly string[], exporters: readonly Component[]): string[] {
  const lost: string[] = []
  if (before.length > 0)
    lost.push(`what ${list(before.map(quote))} ${before.length > 1 ? 'hold' : 'holds'}: it is acknowledged already`)
  if (hides(queue) && !queue.storage) lost.push(`what waits in the connector's queue: ${sizeOf(queue)}, acknowledged already`)
  for (const exporter of exporters) {
    const own = sendingOf(exporter).queue
    if (own && hides(own) && !own.storage) lost.push(`what waits in the queue of ${quote(exporter.id)}: ${sizeOf(own)}`)
    if (isTruncated(exporter)) lost.push(`the whole file of ${quote(exporter.id)}: it is emptied at the next start`)
  }
  return lost.length > 0 ? lost : ['nothing that a sender has an answer for']
}

function isTruncated(exporter: Component): boolean {
  if (exporter.type !== 'file') return false
  const settings = settingsOf(exporter)
  return (
    !settings.boolean('append', false).value && !settings.key('rotation') && !settings.boolean('group_by.enabled', false).value
  )
}

function allFail({ retryInterval, queue, levels }: Failover, before: readonly string[], graph: Graph): string {
  const until = `until the next batch after a retry_interval (${formatDuration(retryInterval.value)}), also when a backend is back before`
  const keeper = exportersBehind({ levels: levels.slice(-1) }, graph).find(exporter => hides(sendingOf(exporter).queue))
  if (keeper)
    return `success: ${quote(keeper.id)} at the last level accepts into its queue; when that is full, or retries run out, data is dropped`
  const first = before[0]
  if (first) return `success: ${quote(first)} has answered, and drops the data ${until}`
  if (hides(queue)) return `success: the connector's queue has answered, and drops the data ${until}`
  return `an error (503 over HTTP, UNAVAILABLE over gRPC) ${until}: it has to send again`
}

const batchersBefore = ({ sources }: Failover, graph: Graph): string[] => [
  ...new Set(sources.flatMap(({ processors }) => processors.filter(one => acknowledgesFirst(one, graph)).map(({ id }) => id))),
]

function exportersBehind({ levels }: Pick<Failover, 'levels'>, graph: Graph): Component[] {
  const ids = new Set([...behind(levels.flatMap(pipelinesOf), graph)].flatMap(({ exporters }) => exporters.map(({ id }) => id)))
  return [...ids].flatMap(id => graph.components.exporters.get(id) ?? [])
}
