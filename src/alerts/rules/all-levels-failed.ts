import type { Failover } from '../../collector/graph.ts'
import type { Alert, AlertRule } from '../alert.ts'
import { levelGauge } from '../level.ts'
import { exporterMatcher, exportersFrom, minutes, type Situation, unitOfConnector } from '../situation.ts'

const DESCRIPTION =
  'No level takes data: it is refused, and lost where senders do not send again; what a connector had in its queue is lost already. ' +
  'Bring one backend back; the next batch after retry_interval goes to it.'

export const allLevelsFailed: AlertRule = {
  id: 'all-levels-failed',
  title: 'Every level of a failover connector has failed',

  *make(situation): Generator<Alert> {
    for (const failover of situation.graph.failovers) {
      const alert = byGauge(failover, situation) ?? byCounters(failover, situation)
      if (alert) yield alert
    }
  },
}

function byGauge(failover: Failover, situation: Situation): Alert | undefined {
  const gauge = levelGauge(failover, situation)
  if (!gauge) return undefined
  const connector = failover.component.id
  return {
    name: 'CollectorAllLevelsFailed',
    expr: `${gauge.expr} == -1`,
    holdsFor: '30s',
    severity: 'critical',
    labels: { connector },
    summary: `{{ $labels.instance }}: every level of ${connector} has failed`,
    description: DESCRIPTION,
    tests: [
      {
        name: `every level of ${connector} has failed`,
        series: [[gauge.series, '0x2 -1x10']],
        atMinutes: 5,
        fires: { labels: gauge.labels, value: '-1' },
      },
      { name: `${connector} at level 1`, series: [[gauge.series, '1x10']], atMinutes: 5, fires: undefined },
    ],
  }
}

/** Something fails, and no exporter of a level sends. Between two retry intervals the connector does not even try. */
function byCounters(failover: Failover, situation: Situation): Alert | undefined {
  const connector = failover.component.id
  const unit = unitOfConnector(failover)
  const exporters = exportersFrom(failover, 0)
  const [first] = exporters
  if (!unit || first === undefined) return undefined
  const window = minutes(Math.max(5 * 60_000, 2 * failover.retryInterval.value))
  const count = (what: string, of: readonly string[]) =>
    `sum ${situation.by()} (rate(${situation.counter(`otelcol_exporter_${what}_${unit}`, exporterMatcher(of))}[${window}])) > 0`
  const failed = situation.sample(`otelcol_exporter_send_failed_${unit}`, { exporter: first })
  const sent = situation.sample(`otelcol_exporter_sent_${unit}`, { exporter: exporters.at(-1) ?? first })
  return {
    name: 'CollectorAllLevelsFailed',
    expr: `${count('send_failed', [connector, ...exporters])}\nunless\n${count('sent', exporters)}`,
    holdsFor: '1m',
    severity: 'critical',
    labels: { connector },
    summary: `{{ $labels.instance }}: no level of ${connector} takes data`,
    description: DESCRIPTION,
    tests: [
      {
        name: `level 0 of ${connector} fails, and no level sends`,
        series: [
          [failed, '0+60x40'],
          [sent, '100x40'],
        ],
        atMinutes: 35,
        fires: { labels: situation.target, value: '1' },
      },
      {
        name: `level 0 of ${connector} fails, and another level sends`,
        series: [
          [failed, '0+60x40'],
          [sent, '0+60x40'],
        ],
        atMinutes: 35,
        fires: undefined,
      },
    ],
  }
}
