import type { Failover } from '../collector/graph.ts'
import type { Sample } from './prometheus.ts'

/** A level, and the measurement from which it was read. */
export interface LevelReading {
  /** Index of the level that takes the traffic; -1 when every level has failed. */
  readonly level: number
  readonly evidence: string
}

/** Newest first. `…_current_level` is in no release that could be found; some guides name it, so somebody may have it. */
const GAUGES = ['otelcol_connector_failover_active_level', 'otelcol_connector_failover_current_level']

/**
 * The current level of a failover connector, from two scrapes of its collector (the older one may be empty).
 * A gauge decides where there is one; else the growth of the sent counters, each exporter mapped to its level
 * through the config. Undefined when neither says anything: no traffic between the scrapes, say.
 */
export function readLevel(failover: Failover, before: readonly Sample[], after: readonly Sample[]): LevelReading | undefined {
  for (const gauge of GAUGES) {
    const sample = after.find(
      ({ name, labels }) => plainName(name) === gauge && [undefined, failover.component.id].includes(labels.connector),
    )
    if (sample) return { level: sample.value, evidence: gauge }
  }
  return fromGrowth(failover, before, after)
}

const SENT = /^otelcol_exporter_sent_(spans|metric_points|log_records)$/

function fromGrowth(
  { component, levels }: Failover,
  before: readonly Sample[],
  after: readonly Sample[],
): LevelReading | undefined {
  const growth = (exporter: string) => total(after, SENT, exporter) - total(before, SENT, exporter)
  const grown = levels.filter(({ pipelines }) =>
    pipelines.some(({ pipeline }) => pipeline?.exporters.some(({ id }) => growth(id) > 0)),
  )
  const evidence = 'growth of otelcol_exporter_sent_*'
  // Right after a change both levels have grown since the last scrape; the connector moves down before it moves up.
  const lowest = grown.at(-1)
  if (lowest) return { level: lowest.index, evidence }
  const failed = total(after, FAILED, component.id) - total(before, FAILED, component.id)
  return failed > 0 ? { level: -1, evidence: 'growth of otelcol_exporter_send_failed_*' } : undefined
}

const FAILED = /^otelcol_exporter_send_failed_(spans|metric_points|log_records)$/

/** Releases differ: dots or underscores, with `_total`, with a unit. */
const plainName = (name: string): string =>
  name
    .replaceAll('.', '_')
    .replace(/_total$/, '')
    .replace(/_(spans|metric_points|log_records)_\1$/, '_$1')

const total = (samples: readonly Sample[], pattern: RegExp, exporter: string): number =>
  samples
    .filter(({ name, labels }) => pattern.test(plainName(name)) && labels.exporter === exporter)
    .reduce((sum, { value }) => sum + value, 0)

/** Items that wait in all queues, and what they can hold; undefined when the collector has no queue metrics. */
export function queuedRequests(samples: readonly Sample[]): number | undefined {
  const sizes = samples.filter(({ name }) => plainName(name) === 'otelcol_exporter_queue_size')
  return sizes.length === 0 ? undefined : sizes.reduce((sum, { value }) => sum + value, 0)
}
