import type { Unit } from '../../metrics/figures.ts'
import { unitOf } from '../../metrics/figures.ts'
import type { Alert, AlertRule, Severity } from '../alert.ts'
import { exporterMatcher, minutes, type Situation } from '../situation.ts'

export const exportFailing: AlertRule = {
  id: 'export-failing',
  title: 'An exporter fails, and nothing that it sends arrives',

  *make(situation): Generator<Alert> {
    const { inLevels, graph } = situation
    for (const unit of situation.units) {
      const serving = exportersOf(unit, situation)
      const levels = serving.filter(exporter => inLevels.has(exporter))
      const others = serving.filter(exporter => !inLevels.has(exporter))
      // Behind a connector the next level has the data; and while it does, this one is only tried each retry_interval.
      const slowest = Math.max(0, ...graph.failovers.map(({ retryInterval }) => retryInterval.value))
      if (levels.length > 0) yield alertFor(unit, levels, 'warning', minutes(Math.max(5 * 60_000, 2 * slowest)), situation)
      if (others.length > 0) yield alertFor(unit, others, 'critical', '5m', situation)
    }
  },
}

const exportersOf = (unit: Unit, { graph }: Situation): string[] => [
  ...new Set(
    [...graph.pipelines.values()]
      .filter(({ signal }) => unitOf(signal) === unit)
      .flatMap(({ exporters }) => exporters.map(({ id }) => id))
      .filter(id => graph.components.exporters.has(id)),
  ),
]

function alertFor(unit: Unit, exporters: readonly string[], severity: Severity, window: string, situation: Situation): Alert {
  const by = situation.by('exporter')
  const rate = (what: string) =>
    `sum ${by} (rate(${situation.counter(`otelcol_exporter_${what}_${unit}`, exporterMatcher(exporters))}[${window}]))`
  const [exporter = ''] = exporters
  // At `detailed` failures carry their kind, and newer releases the address: neither may keep the two sides apart.
  const failed = situation.sample(`otelcol_exporter_send_failed_${unit}`, { exporter, error_type: 'Unavailable' })
  const sent = situation.sample(`otelcol_exporter_sent_${unit}`, { exporter, server_address: '10.0.0.1' })
  const labels = { ...situation.target, exporter }
  return {
    name: 'CollectorExportFailing',
    expr: `${rate('send_failed')} > 0\nunless\n${rate('sent')} > 0`,
    holdsFor: '2m',
    severity,
    labels: { signal: SIGNALS[unit] },
    summary: `{{ $labels.instance }}: {{ $labels.exporter }} sends no ${WORDS[unit]}: {{ $value | humanize }}/s fail`,
    description:
      severity === 'critical'
        ? 'It stands in no level of a failover connector: its data waits in its queue, and is lost when that is full or retries end.'
        : 'It stands in a level of a failover connector: the next level should have the data. CollectorFailedOver says so; where that is silent, a queue or a retry behind the connector hides the errors (failoverctl validate).',
    tests: [
      {
        name: `${exporter}: ${WORDS[unit]} fail, and none has ever been sent`,
        series: [[failed, '0+60x60']],
        atMinutes: 30,
        fires: { labels, value: '1' },
      },
      {
        name: `${exporter}: ${WORDS[unit]} fail, and none is sent any more`,
        series: [
          [failed, '0+60x60'],
          [sent, '500x60'],
        ],
        atMinutes: 30,
        fires: { labels, value: '1' },
      },
      {
        name: `${exporter}: some ${WORDS[unit]} fail, others arrive`,
        series: [
          [failed, '0+60x60'],
          [sent, '0+600x60'],
        ],
        atMinutes: 30,
        fires: undefined,
      },
    ],
  }
}

const SIGNALS = { spans: 'traces', metric_points: 'metrics', log_records: 'logs' } as const
const WORDS = { spans: 'spans', metric_points: 'metric points', log_records: 'log records' } as const
