import type { Failover } from '../collector/graph.ts'
import { LEVEL_GAUGES } from '../metrics/figures.ts'
import { braces } from './names.ts'
import { exporterMatcher, type Situation, series, tellingExporters, unitOfConnector } from './situation.ts'

/** An expression whose value is the level of a connector, and its series in a test. Undefined where only counters speak. */
export function levelGauge(failover: Failover, situation: Situation) {
  const { levelFrom } = situation
  if (levelFrom === 'counters') return undefined
  const connector = failover.component.id
  const isOwn = levelFrom === 'gauge'
  const name = isOwn ? LEVEL_GAUGES[0] : 'failoverctl_failover_level'
  // What `failoverctl watch --serve` tells has the job of that, and the collector as a label.
  const matchers = isOwn ? situation.matchers(`connector="${connector}"`) : [`connector="${connector}"`]
  const more = isOwn ? [] : ['collector']
  const labels = { ...situation.target, ...(isOwn ? {} : { collector: 'collector-0' }), connector }
  return {
    expr: `max ${situation.by(...more, 'connector')} (${name}${braces(matchers)})`,
    series: series(name, labels),
    labels,
  }
}

export const RATE_WINDOW = '5m'

/** Where no gauge tells: an expression that has a value while a lower level sends. Undefined where its exporters tell nothing. */
export function lowerLevelSends(failover: Failover, situation: Situation) {
  const exporters = tellingExporters(failover, situation.graph)
  const unit = unitOfConnector(failover)
  const [first] = exporters
  if (first === undefined || !unit) return undefined
  const name = `otelcol_exporter_sent_${unit}`
  return {
    expr: `sum ${situation.by()} (rate(${situation.counter(name, exporterMatcher(exporters))}[${RATE_WINDOW}])) > 0`,
    series: situation.sample(name, { exporter: first }),
    labels: situation.target,
  }
}
