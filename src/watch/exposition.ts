import { labelText } from '../metrics/exposition.ts'
import type { CollectorStatus } from './status.ts'
import type { Row } from './watching.ts'

type Line = readonly [labels: Readonly<Record<string, string>>, value: number]

/** What was last seen, as Prometheus text: above all the level, for collectors that have no gauge of it. */
export function watchMetrics(rows: readonly Row[]): string {
  const seen = rows.flatMap(({ status }) => (status ? [status] : []))
  const connectors = seen.flatMap(status =>
    status.connectors.map(connector => ({ labels: { collector: status.name, connector: connector.id }, connector })),
  )
  return [
    family(
      'collector_up',
      '1 when the metrics of the collector could be read.',
      seen.map(({ name, problem }) => [{ collector: name }, problem ? 0 : 1]),
    ),
    family(
      'collector_healthy',
      '1 when its health check says yes.',
      seen.flatMap(({ name, health }): Line[] => (health === 'unknown' ? [] : [[{ collector: name }, health === 'ok' ? 1 : 0]])),
    ),
    family(
      'collector_clock_ahead_seconds',
      'How far its clock is ahead of the one here.',
      seen.flatMap(({ name, clockAheadMs }): Line[] =>
        clockAheadMs === undefined ? [] : [[{ collector: name }, clockAheadMs / 1000]],
      ),
    ),
    family(
      'failover_level',
      'The priority level that takes the traffic, 0 the highest; -1 when every level has failed.',
      connectors.flatMap(({ labels, connector: { level } }): Line[] => (level === undefined ? [] : [[labels, level]])),
    ),
    family(
      'failover_level_seconds',
      'How long the level has been seen to be this one.',
      connectors.flatMap(({ labels, connector: { seenMs } }): Line[] => (seenMs === undefined ? [] : [[labels, seenMs / 1000]])),
    ),
    family(
      'failover_level_evidence',
      'Always 1; the label names the metric that the level was read from.',
      connectors.flatMap(({ labels, connector: { level, evidence } }): Line[] =>
        level === undefined ? [] : [[{ ...labels, evidence }, 1]],
      ),
    ),
    family('queue_fill', 'How full a sending queue is, from 0 to 1.', seen.flatMap(fills)),
  ].join('')
}

const fills = (status: CollectorStatus): Line[] => {
  const exporters = [...status.connectors.flatMap(({ levels }) => levels.flatMap(level => level.exporters)), ...status.others]
  const all = new Map([...status.connectors, ...exporters].map(({ id, queue }) => [id, queue]))
  return [...all].flatMap(([component, queue]): Line[] =>
    queue?.capacity ? [[{ collector: status.name, component }, queue.size / queue.capacity]] : [],
  )
}

function family(name: string, help: string, lines: readonly Line[]): string {
  const full = `failoverctl_${name}`
  return `# HELP ${full} ${help}\n# TYPE ${full} gauge\n${lines.map(([labels, value]) => `${full}${labelText(labels)} ${value}\n`).join('')}`
}
