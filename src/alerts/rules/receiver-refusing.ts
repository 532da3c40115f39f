import { unitOf } from '../../metrics/figures.ts'
import type { Alert, AlertRule } from '../alert.ts'

export const receiverRefusing: AlertRule = {
  id: 'receiver-refusing',
  title: 'A receiver refuses data',

  *make(situation): Generator<Alert> {
    const { graph } = situation
    const units = new Set(
      [...graph.pipelines.values()]
        .filter(({ receivers }) => receivers.some(({ id }) => graph.components.receivers.has(id)))
        .flatMap(({ signal }) => unitOf(signal) ?? []),
    )
    const [receiver = 'otlp'] = graph.components.receivers.keys()
    for (const unit of units) {
      const name = `otelcol_receiver_refused_${unit}`
      const refused = situation.sample(name, { receiver, transport: 'http' })
      const labels = { ...situation.target, receiver }
      const words = unit.replace('_', ' ')
      yield {
        name: 'CollectorReceiverRefusing',
        expr: `sum ${situation.by('receiver')} (rate(${situation.counter(name)}[5m])) > 0`,
        holdsFor: '2m',
        severity: 'critical',
        labels: { signal: { spans: 'traces', metric_points: 'metrics', log_records: 'logs' }[unit] },
        summary: `{{ $labels.instance }}: {{ $labels.receiver }} refuses {{ $value | humanize }} ${words} a second`,
        description:
          'Nothing behind the receiver takes them: a full queue, a memory limiter, or every level down. Senders that do not send again lose them.',
        tests: [
          {
            name: `${receiver} refuses ${words}`,
            series: [[refused, '0+60x20']],
            atMinutes: 10,
            fires: { labels, value: '1' },
          },
          { name: `${receiver} refused ${words} long ago`, series: [[refused, '60x20']], atMinutes: 10, fires: undefined },
        ],
      }
    }
  },
}
