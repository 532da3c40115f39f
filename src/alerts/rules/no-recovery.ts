import { exporterKind, LONGEST_DIAL_MS } from '../../collector/component-types.ts'
import type { Failover } from '../../collector/graph.ts'
import { type Unit, unitOf } from '../../metrics/figures.ts'
import type { Alert, AlertRule, AlertTest } from '../alert.ts'
import { levelGauge, lowerLevelSends } from '../level.ts'
import {
  componentOf,
  exporterMatcher,
  exportersAt,
  exportersFrom,
  minutes,
  type Situation,
  unitOfConnector,
} from '../situation.ts'

export const noRecovery: AlertRule = {
  id: 'no-recovery',
  title: 'The backend of the first level is up, and the connector does not go back to it',

  *make(situation): Generator<Alert> {
    for (const failover of situation.graph.failovers) {
      const alert = alertFor(failover, situation)
      if (alert) yield alert
    }
  },
}

/** In this time the connector has tried level 0 twice, and a gRPC client has dialed anew. */
function tryTime(failover: Failover, first: readonly string[], { graph }: Situation): number {
  const isGrpc = first.some(exporter => exporterKind(componentOf(graph, exporter)?.type ?? '')?.wire === 'grpc')
  return Math.max(5 * 60_000, 2 * failover.retryInterval.value + (isGrpc ? LONGEST_DIAL_MS : 0))
}

interface Evidence {
  readonly expr: string
  readonly words: string
  readonly up: AlertTest['series']
  readonly down: AlertTest['series']
}

function alertFor(failover: Failover, situation: Situation): Alert | undefined {
  const connector = failover.component.id
  const first = exportersAt(failover, 0)
  const unit = unitOfConnector(failover)
  const over = levelGauge(failover, situation) ?? lowerLevelSends(failover, situation)
  if (!over || !unit || first.length === 0) return undefined
  const ms = tryTime(failover, first, situation)
  const window = minutes(ms)
  const { expr, words, up, down } = evidenceOf(failover, { first, unit, window }, situation)
  const isGauge = situation.levelFrom !== 'counters'
  const failedOver: AlertTest['series'] = isGauge ? [[over.series, '1x400']] : [[over.series, '0+60x400']]
  const recovered: AlertTest['series'] = isGauge ? [[over.series, '0x400']] : [[over.series, '60x400']]
  const atMinutes = 2 * Math.ceil(ms / 60_000) + 10
  const condition = isGauge ? `${over.expr} > 0` : over.expr
  return {
    name: 'CollectorDoesNotRecover',
    expr: `(${condition})\n${expr}`,
    holdsFor: window,
    severity: 'warning',
    labels: { connector },
    summary: `{{ $labels.instance }}: ${connector} does not go back to level 0, though ${first.join(' and ')} could take data`,
    description:
      `For ${window} it has been on a lower level, while ${words}. Up to release 0.122 a level is never tried again after max_retries; ` +
      'in newer ones a single refused batch costs another retry_interval. Restarting the collector puts it back on level 0.',
    tests: [
      {
        name: `${connector} failed over, and its first backend up`,
        series: [...failedOver, ...up],
        atMinutes,
        fires: { labels: isGauge ? over.labels : situation.target, value: '1' },
      },
      {
        name: `${connector} failed over, and its first backend down`,
        series: [...failedOver, ...down],
        atMinutes,
        fires: undefined,
      },
      { name: `${connector} at level 0`, series: [...recovered, ...up], atMinutes, fires: undefined },
    ],
  }
}

/** By what we know that the backend is up: what the person says; else what the exporter does for others, and that nothing fails there. */
function evidenceOf(
  failover: Failover,
  { first, unit, window }: { first: readonly string[]; unit: Unit; window: string },
  situation: Situation,
): Evidence {
  const given = first.map(exporter => situation.options.backendUp.get(exporter)).find(found => found !== undefined)
  if (given !== undefined) {
    return {
      expr: `and on () (${given})`,
      words: '--backend-up says that the backend is up',
      up: [[bare(given), '1x400']],
      down: [],
    }
  }
  const [exporter = ''] = first
  const by = situation.by()
  const failures = situation.counter(`otelcol_exporter_send_failed_${unit}`, exporterMatcher(first))
  const traffic = situation.counter(`otelcol_exporter_sent_${unit}`, exporterMatcher(exportersFrom(failover, 0)))
  // A connector that tries level 0 and fails, counts a failure there; one that has traffic and no failure does not try.
  const untried = `(sum ${by} (rate(${traffic}[5m])) > 0\n  unless sum ${by} (increase(${failures}[${window}])) > 0)`
  const others = otherUnits(first, unit, situation)
  const sends = others.map(
    other => `sum ${by} (rate(${situation.counter(`otelcol_exporter_sent_${other}`, exporterMatcher(first))}[5m])) > 0`,
  )
  const last = exportersFrom(failover, 1)[0] ?? exporter
  const isTraffic: AlertTest['series'] =
    situation.levelFrom === 'counters'
      ? []
      : [[situation.sample(`otelcol_exporter_sent_${unit}`, { exporter: last }), '0+60x400']]
  return {
    expr: `and ${situation.on()} (\n  ${[untried, ...sends].join('\n  or\n  ')}\n)`,
    words: `nothing has failed at ${first.join(' and ')}${others.length > 0 ? ', or other signals go through it' : ''}`,
    up: isTraffic,
    down: [...isTraffic, [situation.sample(`otelcol_exporter_send_failed_${unit}`, { exporter }), '0+1x400']],
  }
}

/** Units that the exporter serves in other pipelines: a success there says that its backend is up. */
const otherUnits = (exporters: readonly string[], unit: Unit, { graph }: Situation): Unit[] =>
  [
    ...new Set(
      [...graph.pipelines.values()]
        .filter(pipeline => pipeline.exporters.some(({ id }) => exporters.includes(id)))
        .flatMap(({ signal }) => unitOf(signal) ?? []),
    ),
  ].filter(other => other !== unit)

/** The series in an expression such as `probe_success{instance="a"} == 1`, for a test. */
const bare = (expr: string): string => /^[A-Za-z_:][\w:]*(?:\{[^}]*\})?/.exec(expr.trim())?.[0] ?? expr
