import { sendingOf } from '../../collector/sending.ts'
import type { Alert, AlertRule } from '../alert.ts'
import { braces } from '../names.ts'
import { type Situation, series } from '../situation.ts'

export const queueNearFull: AlertRule = {
  id: 'queue-near-full',
  title: 'A sending queue is nearly full',

  *make(situation): Generator<Alert> {
    const [owner] = ownersOf(situation)
    if (owner === undefined) return
    const { queueFull } = situation.options
    const own = braces(situation.matchers())
    const labels = { ...situation.target, exporter: owner }
    const size = series('otelcol_exporter_queue_size', { ...labels, data_type: 'traces' })
    const capacity = series('otelcol_exporter_queue_capacity', { ...labels, data_type: 'traces' })
    const filled = (share: number) => Math.round(share * 1000)
    const full = filled(queueFull + (1 - queueFull) / 2)
    yield {
      name: 'CollectorQueueNearFull',
      expr: `max ${situation.by('exporter')} (otelcol_exporter_queue_size${own} / otelcol_exporter_queue_capacity${own}) > ${queueFull}`,
      holdsFor: '5m',
      severity: 'warning',
      summary: '{{ $labels.instance }}: the queue of {{ $labels.exporter }} is {{ $value | humanizePercentage }} full',
      description:
        'When it is full, new data is refused, or dropped where the sender does not send again. Look whether its backend is slow or down; ' +
        'a queue in memory is lost when the collector is restarted.',
      tests: [
        {
          name: `the queue of ${owner} is nearly full`,
          series: [
            [size, `0x2 ${full}x20`],
            [capacity, '1000x30'],
          ],
          atMinutes: 10,
          fires: { labels, value: `${Number(((100 * full) / 1000).toPrecision(4))}%` },
        },
        {
          name: `the queue of ${owner} is half as full`,
          series: [
            [size, `${filled(queueFull / 2)}x30`],
            [capacity, '1000x30'],
          ],
          atMinutes: 10,
          fires: undefined,
        },
      ],
    }
  },
}

/** Exporters and connectors that have a queue. */
const ownersOf = ({ graph }: Situation): string[] => [
  ...[...graph.components.exporters.values()].filter(exporter => sendingOf(exporter).queue?.enabled.value).map(({ id }) => id),
  ...graph.failovers.filter(({ queue }) => queue.enabled.value).map(({ component }) => component.id),
]
