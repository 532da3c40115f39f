import type { Failover } from '../collector/graph.ts'
import { exportersBehind } from '../collector/outlets.ts'
import { type Figures, figuresOf, type Items, plainName, totalOf, unitOf } from './figures.ts'
import type { Sample } from './prometheus.ts'

/** A level, and the measurement from which it was read. */
export interface LevelReading {
  /** Index of the level that takes the traffic; -1 when every level has failed. */
  readonly level: number
  readonly evidence: string
}

/** As `levelIn`, from samples; the older ones may be none. */
export const readLevel = (failover: Failover, before: readonly Sample[], after: readonly Sample[]): LevelReading | undefined =>
  levelIn(failover, figuresOf(before), figuresOf(after))

/**
 * The current level of a failover connector, from two scrapes of its collector (the older one may be undefined).
 * A gauge decides where there is one; else the growth of the sent counters, each exporter mapped to its level
 * through the config. Undefined when neither says anything: no traffic between the scrapes, say.
 */
export function levelIn(failover: Failover, before: Figures | undefined, after: Figures): LevelReading | undefined {
  const gauge = after.levels.get(failover.component.id) ?? after.levels.get('')
  return gauge ? { level: gauge.level, evidence: gauge.name } : fromGrowth(failover, before, after)
}

function fromGrowth(
  { component, levels, sources, targets }: Failover,
  before: Figures | undefined,
  after: Figures,
): LevelReading | undefined {
  // An exporter that serves several signals has counters for each, and each signal's connector a level of its own.
  const signal = (sources[0] ?? targets[0])?.signal
  const unit = signal === undefined ? undefined : unitOf(signal)
  const count = (items: Items | undefined) => (items ? (unit ? (items[unit] ?? 0) : totalOf(items)) : 0)
  const growth = (what: 'sent' | 'failed', exporter: string) =>
    count(after.exporters.get(exporter)?.[what]) - count(before?.exporters.get(exporter)?.[what])
  const grown = levels.filter(({ pipelines }) =>
    pipelines.some(({ outlets }) => outlets.flatMap(exportersBehind).some(id => growth('sent', id) > 0)),
  )
  // Right after a change both levels have grown since the last scrape; the connector moves down before it moves up.
  const lowest = grown.at(-1)
  if (lowest) return { level: lowest.index, evidence: 'growth of otelcol_exporter_sent_*' }
  return growth('failed', component.id) > 0 ? { level: -1, evidence: 'growth of otelcol_exporter_send_failed_*' } : undefined
}

const PROXY_LEVEL = 'failoverctl_proxy_level'

/**
 * The current level of `failoverctl proxy`, from one scrape: it says so itself. By the listener's name; where none is given
 * there must be only one. Undefined when the scrape has none.
 */
export function proxyLevel(samples: readonly Sample[], listener?: string): LevelReading | undefined {
  const found = samples.filter(
    ({ name, labels }) => name === PROXY_LEVEL && (listener === undefined || labels.listener === listener),
  )
  const [one] = found
  return one && found.length === 1 ? { level: one.value, evidence: PROXY_LEVEL } : undefined
}

/** Items that wait in all queues, and what they can hold; undefined when the collector has no queue metrics. */
export function queuedRequests(samples: readonly Sample[]): number | undefined {
  const sizes = samples.filter(({ name }) => plainName(name) === 'otelcol_exporter_queue_size')
  return sizes.length === 0 ? undefined : sizes.reduce((sum, { value }) => sum + value, 0)
}
