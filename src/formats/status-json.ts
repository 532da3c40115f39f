import type { Expectation, Unmet } from '../watch/expectations.ts'
import type { CollectorStatus, ConnectorStatus, Count, ExporterStatus } from '../watch/status.ts'

/** The same for a program. What is not known is null; rates are per second, times in seconds. */
export const statusJson = (all: readonly CollectorStatus[], expectations: readonly Expectation[], missed: readonly Unmet[]) => ({
  as_expected: expectations.length === 0 ? null : missed.length === 0,
  unmet: missed,
  collectors: all.map(collectorJson),
})

export const collectorJson = (status: CollectorStatus) => ({
  name: status.name,
  metrics: status.metrics,
  problem: status.problem ?? null,
  health: status.health,
  version: status.version ?? null,
  uptime_s: status.uptimeS ?? null,
  clock_ahead_s: seconds(status.clockAheadMs),
  restarted: status.restarted,
  connectors: status.connectors.map(connectorJson),
  other_exporters: status.others.map(exporterJson),
  received: {
    accepted: countJson(status.received.accepted),
    refused: countJson(status.received.refused),
    failed: countJson(status.received.failed),
    dropped: countJson(status.received.dropped),
  },
})

const connectorJson = ({ id, level, evidence, changedMs, seenMs, levels, queue }: ConnectorStatus) => ({
  id,
  level: level ?? null,
  evidence,
  changed_s: seconds(changedMs),
  seen_s: seconds(seenMs),
  queue: queue ? { size: queue.size, capacity: queue.capacity ?? null } : null,
  levels: levels.map(({ index, pipelines, exporters }) => ({ index, pipelines, exporters: exporters.map(exporterJson) })),
})

const exporterJson = ({ id, sent, failed, notQueued, queue }: ExporterStatus) => ({
  id,
  sent: countJson(sent),
  failed: countJson(failed),
  not_queued: countJson(notQueued),
  queue: queue ? { size: queue.size, capacity: queue.capacity ?? null } : null,
})

const countJson = ({ total, grown, perSecond }: Count) => ({
  total,
  grown: grown ?? null,
  per_second: perSecond === undefined ? null : Math.round(perSecond * 1000) / 1000,
})

const seconds = (ms: number | undefined): number | null => (ms === undefined ? null : Math.round(ms) / 1000)
