import type { Failover, Graph } from '../collector/graph.ts'
import { type ExporterFigures, type Figures, type Items, totalOf, unitOf } from '../metrics/figures.ts'
import { levelIn } from '../metrics/level.ts'
import type { Look } from './look.ts'
import type { CollectorStatus, ConnectorStatus, Count, ExporterStatus, ReceivedStatus } from './status.ts'
import { shownUrl, type Watched } from './watched.ts'

/** A figure of now against the one before. */
type Counting = (now: number, before: number | undefined) => Count

interface Seen {
  readonly level: number
  readonly evidence: string
  readonly since: number
  /** Whether it was seen to begin, or was so at the first look. */
  readonly began: boolean
}

/** Turns looks at one collector into what is known of it: rates from two looks, and since when a level is what it is. */
export class Tracker {
  readonly watched: Watched
  #graph: Graph | undefined
  #before: { readonly figures: Figures; readonly at: number } | undefined
  #seen = new Map<string, Seen>()

  constructor(watched: Watched, graph: Graph | undefined) {
    this.watched = watched
    this.#graph = graph
  }

  take(look: Look): CollectorStatus {
    const { name, metricsUrl } = this.watched
    const shared = {
      name,
      metrics: shownUrl(metricsUrl),
      problem: look.problem,
      health: look.health,
      clockAheadMs: look.clockAheadMs,
    }
    const { figures, at } = look
    if (!figures) return { ...shared, ...NOTHING }
    const before = this.#before
    const restarted = before !== undefined && isRestart(before.figures, figures)
    const base = restarted ? undefined : before
    const seconds = base === undefined ? undefined : (at - base.at) / 1000
    const count: Counting = (now, then) => {
      const grown = base === undefined ? undefined : Math.max(0, now - (then ?? 0))
      return { total: now, grown, perSecond: grown === undefined || !seconds ? undefined : grown / seconds }
    }
    this.#before = { figures, at }
    const read = (id: string, signal?: string) => exporterStatus(id, figures, base?.figures, count, signal)
    const failovers = this.#graph?.failovers ?? []
    const connectors =
      failovers.length > 0
        ? failovers.map(failover => this.#connector(failover, figures, base?.figures, at, read))
        : connectorsIn(figures).map(id => this.#unnamed(id, figures, at))
    const inLevels = new Set([
      ...connectors.map(({ id }) => id),
      ...connectors.flatMap(({ levels }) => levels.flatMap(({ exporters }) => exporters.map(({ id }) => id))),
    ])
    return {
      ...shared,
      version: figures.version,
      uptimeS: figures.uptimeS,
      restarted,
      connectors,
      others: [...figures.exporters.keys()].filter(id => !inLevels.has(id)).map(id => read(id)),
      received: receivedIn(figures, base?.figures, count),
    }
  }

  #connector(
    failover: Failover,
    figures: Figures,
    before: Figures | undefined,
    at: number,
    read: (id: string, signal?: string) => ExporterStatus,
  ): ConnectorStatus {
    const { id } = failover.component
    const signal = (failover.sources[0] ?? failover.targets[0])?.signal
    // Counters since the start say nothing of now: growth needs two looks.
    const gauge = figures.levels.size > 0
    const reading = gauge || before ? levelIn(failover, before, figures) : undefined
    return {
      id,
      ...this.#level(id, reading, at, before !== undefined),
      levels: failover.levels.map(({ index, pipelines }) => ({
        index,
        pipelines: pipelines.map(pipeline => pipeline.id),
        exporters: [...new Set(pipelines.flatMap(({ pipeline }) => pipeline?.exporters.map(exporter => exporter.id) ?? []))].map(
          exporter => read(exporter, signal),
        ),
      })),
      queue: figures.exporters.get(id)?.queue,
    }
  }

  /** Without a config only the gauge speaks, and nobody knows which exporters make a level. */
  #unnamed(id: string, figures: Figures, at: number): ConnectorStatus {
    const gauge = figures.levels.get(id)
    const reading = gauge && { level: gauge.level, evidence: gauge.name }
    const level = this.#level(id, reading, at, false)
    return {
      id: id === '' ? 'failover' : id,
      ...level,
      evidence: reading ? level.evidence : 'no level gauge; --config names the levels, and their exporters tell',
      levels: [],
      queue: figures.exporters.get(id)?.queue,
    }
  }

  #level(id: string, reading: { level: number; evidence: string } | undefined, at: number, isSecond: boolean) {
    const before = this.#seen.get(id)
    if (reading && before?.level !== reading.level) this.#seen.set(id, { ...reading, since: at, began: before !== undefined })
    // Without traffic the counters are silent: the level is what it last was.
    const seen = this.#seen.get(id)
    if (!seen) {
      const evidence = isSecond
        ? 'no level gauge, and no exporter of a level has sent anything between two looks'
        : 'no level gauge: it takes two looks (--interval) to see which exporter sends'
      return { level: undefined, evidence, changedMs: undefined, seenMs: undefined }
    }
    const evidence = reading?.evidence ?? `${seen.evidence}, some time ago: no traffic`
    const sinceMs = at - seen.since
    return { level: seen.level, evidence, changedMs: seen.began ? sinceMs : undefined, seenMs: sinceMs }
  }
}

const NONE: Count = { total: 0, grown: undefined, perSecond: undefined }
const NOTHING = {
  version: undefined,
  uptimeS: undefined,
  restarted: false,
  connectors: [],
  others: [],
  received: { accepted: NONE, refused: NONE, failed: NONE, dropped: NONE },
}

/** The uptime tells where there is one; else a counter that has become smaller. */
function isRestart(before: Figures, now: Figures): boolean {
  if (before.uptimeS !== undefined && now.uptimeS !== undefined) return now.uptimeS < before.uptimeS
  const sent = (figures: Figures) => [...figures.exporters.values()].reduce((sum, exporter) => sum + totalOf(exporter.sent), 0)
  const taken = (figures: Figures) => [...figures.receivers.values()].reduce((sum, { accepted }) => sum + totalOf(accepted), 0)
  return sent(now) < sent(before) || taken(now) < taken(before)
}

/** Failover connectors that metrics alone show: by the gauge, and by queues of their own. */
const connectorsIn = ({ levels, exporters }: Figures): string[] => [
  ...new Set([...levels.keys(), ...[...exporters.keys()].filter(id => id === 'failover' || id.startsWith('failover/'))]),
]

function exporterStatus(
  id: string,
  now: Figures,
  before: Figures | undefined,
  count: Counting,
  signal: string | undefined,
): ExporterStatus {
  const unit = signal === undefined ? undefined : unitOf(signal)
  const items = (found: Items | undefined) => (found ? (unit ? (found[unit] ?? 0) : totalOf(found)) : 0)
  const of = (what: 'sent' | 'failed' | 'enqueueFailed') => {
    const read = (figures: Figures | undefined) => items(figures?.exporters.get(id)?.[what])
    return count(read(now), before && read(before))
  }
  const queue: ExporterFigures['queue'] = now.exporters.get(id)?.queue
  return { id, sent: of('sent'), failed: of('failed'), notQueued: of('enqueueFailed'), queue }
}

function receivedIn(now: Figures, before: Figures | undefined, count: Counting): ReceivedStatus {
  const of = (what: 'accepted' | 'refused' | 'failed') => {
    const read = (figures: Figures) => [...figures.receivers.values()].reduce((sum, receiver) => sum + totalOf(receiver[what]), 0)
    return count(read(now), before && read(before))
  }
  const drops = (figures: Figures) => [...figures.processors.values()].reduce((sum, items) => sum + items, 0)
  return {
    accepted: of('accepted'),
    refused: of('refused'),
    failed: of('failed'),
    dropped: count(drops(now), before && drops(before)),
  }
}
