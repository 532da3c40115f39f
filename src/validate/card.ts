import { exporterKind, LONGEST_DIAL_MS } from '../collector/component-types.ts'
import { addressOf } from '../collector/drawing.ts'
import type { Component, Failover, Graph, Level, Pipeline, Queue } from '../collector/graph.ts'
import { sendingOf } from '../collector/sending.ts'
import { settingsOf } from '../collector/settings.ts'
import { since } from '../collector/versions.ts'
import { formatDuration } from '../core/duration.ts'
import type { At } from '../source/value.ts'
import { acknowledgesFirst } from './acknowledges-first.ts'
import { type Fate, fatesOf } from './card-fate.ts'
import { behind, hides, nextOf, pipelinesOf } from './levels.ts'
import { rateFor } from './rates.ts'
import type { Expected } from './rule.ts'

/** What a failover connector does in an outage, computed from the config. Times in milliseconds. */
export interface Card {
  readonly connector: string
  readonly at: At
  readonly signal: string | null
  readonly levels: readonly CardLevel[]
  /** From the fault to the last level taking data when all those above it fail, one after the other. */
  readonly failover: { readonly refused: WorstCase; readonly hanging: WorstCase }
  /** From the backend's return to level 0 taking data. */
  readonly recovery: WorstCase
  readonly fate: Fate
}

export interface CardLevel {
  readonly index: number
  readonly pipelines: readonly { readonly id: string; readonly exporters: readonly CardExporter[] }[]
}

export interface CardExporter {
  readonly id: string
  /** null where it has none, or where it comes from the environment and is not shown. */
  readonly endpoint: string | null
}

export interface WorstCase {
  /** null: it never happens. */
  readonly ms: number | null
  readonly parts: readonly Part[]
}

export interface Part {
  readonly what: string
  readonly ms: number | null
  readonly at: At
}

export const cardsOf = (graph: Graph, expected: Expected = {}): Card[] =>
  graph.failovers.map(failover => cardOf(failover, graph, expected))

function cardOf(failover: Failover, graph: Graph, expected: Expected): Card {
  const { component, levels, sources } = failover
  const above = levels.slice(0, -1)
  return {
    connector: component.id,
    at: component.at,
    signal: sources[0]?.signal ?? levels[0]?.pipelines[0]?.pipeline?.signal ?? null,
    levels: levels.map(level => cardLevel(level, graph)),
    failover: {
      refused: total(above, graph, { kind: 'refused', expected }),
      hanging: total(above, graph, { kind: 'hanging', expected }),
    },
    recovery: recoveryOf(failover, graph),
    fate: fatesOf(failover, graph),
  }
}

const cardLevel = (level: Level, graph: Graph): CardLevel => {
  const named = new Set(pipelinesOf(level))
  const further = [...behind([...named], graph)].filter(pipeline => !named.has(pipeline))
  return {
    index: level.index,
    pipelines: [
      ...level.pipelines.map(({ id, hidden, pipeline }) => ({ id: hidden ? '${…}' : id, exporters: ends(pipeline, graph) })),
      ...further.map(pipeline => ({ id: pipeline.id, exporters: ends(pipeline, graph) })),
    ],
  }
}

const ends = (pipeline: Pipeline | undefined, { components }: Graph): CardExporter[] =>
  (pipeline?.exporters ?? []).map(({ id, hidden }) => ({
    id: hidden ? '${…}' : id,
    endpoint: addressOf(components.exporters.get(id)) || null,
  }))

interface Fault {
  readonly kind: 'refused' | 'hanging'
  readonly expected: Expected
}

function total(levels: readonly Level[], graph: Graph, fault: Fault): WorstCase {
  const parts = levels.flatMap(level => {
    const known = partsOf(level, graph, fault)
    return known.length > 0
      ? known
      : [{ what: `level ${level.index} leads to no exporter that is known`, ms: null, at: level.at }]
  })
  return { parts, ms: levels.length === 0 ? null : sum(parts) }
}

const sum = (parts: readonly Part[]): number | null =>
  parts.some(({ ms }) => ms === null) ? null : parts.reduce((all, { ms }) => all + (ms ?? 0), 0)

function partsOf(level: Level, graph: Graph, fault: Fault): Part[] {
  const seen = new Set<Pipeline>()
  const partsIn = (pipeline: Pipeline): Part[] => {
    if (seen.has(pipeline)) return []
    seen.add(pipeline)
    const accepts = (id: string, at: At): Part[] => [
      { what: `level ${level.index}: ${id} accepts first, no error comes back`, ms: null, at },
    ]
    const first = pipeline.processors.find(processor => acknowledgesFirst(processor, graph))
    if (first) return accepts(first.id, first.at)
    return pipeline.exporters.flatMap(({ id }) => {
      const exporter = graph.components.exporters.get(id)
      if (exporter) return exporterParts(exporter, `level ${level.index}: ${id}`, fault)
      const nested = graph.failovers.find(({ component }) => component.id === id)
      if (nested && hides(nested.queue)) return accepts(id, nested.queue.enabled.at)
      return nextOf(id, pipeline, graph).flatMap(partsIn)
    })
  }
  return pipelinesOf(level).flatMap(partsIn)
}

function exporterParts(exporter: Component, who: string, fault: Fault): Part[] {
  const { queue, retry, timeout } = sendingOf(exporter)
  if (queue && hides(queue)) return [queuePart(exporter, queue, who, fault)]
  const parts: Part[] = []
  if (retry?.enabled.value) {
    const { value, stated, at } = retry.maxElapsed
    if (value === 0) return [{ what: `${who} retries for ever`, ms: null, at }]
    parts.push({ what: `${who} retries (max_elapsed_time)`, ms: value, at: stated ? at : retry.enabled.at })
  }
  if (fault.kind === 'refused') return parts.length > 0 ? parts : [{ what: `${who} answers at once`, ms: 0, at: exporter.at }]
  if (!timeout)
    return [...parts, { what: `${who} has no timeout that is known`, ms: parts.length > 0 ? 0 : null, at: exporter.at }]
  if (timeout.value === 0) return [...parts, { what: `${who} has no timeout`, ms: null, at: timeout.at }]
  return [
    ...parts,
    { what: `${who} waits for an answer (timeout${timeout.stated ? '' : ', default'})`, ms: timeout.value, at: timeout.at },
  ]
}

// A queue gives an error when it is full: then, and not before, the connector hears of the fault.
function queuePart(exporter: Component, queue: Queue, who: string, fault: Fault): Part {
  const at = queue.enabled.at
  const what = `${who} accepts into its queue of ${queue.size} ${queue.sizer} first`
  const rate = rateFor(queue, fault.expected)
  if (queue.blockOnOverflow) return { what: `${what}, and blocks when it is full`, ms: null, at }
  if (rate === undefined) return { what: `${what}: no error before it is full (give --rate to know when)`, ms: null, at }
  const net = rate - drainPerSecond(exporter, queue, fault.kind)
  if (!(net > 0)) return { what: `${what}, and drops data as fast as it comes`, ms: null, at }
  return { what: `${what}, until it is full`, ms: (queue.size / net) * 1000, at }
}

/** How fast its consumers give up on requests; what they give up on is dropped. Sizes other than requests are not known here. */
function drainPerSecond(exporter: Component, { consumers, sizer }: Queue, kind: Fault['kind']): number {
  if (sizer !== 'requests') return 0
  const { retry, timeout } = sendingOf(exporter)
  if (retry?.enabled.value && retry.maxElapsed.value === 0) return 0
  const answerMs = kind === 'hanging' ? timeout?.value || Number.POSITIVE_INFINITY : 0
  const holdMs = (retry?.enabled.value ? retry.maxElapsed.value : 0) + answerMs
  return holdMs === 0 ? Number.POSITIVE_INFINITY : (consumers * 1000) / holdMs
}

/** contrib 0.121.0 (pull request 38064): before, a timer walked up level by level, one retry_gap apart. */
const SAMPLING_SINCE = 121

function recoveryOf({ component, retryInterval, levels }: Failover, graph: Graph): WorstCase {
  if (levels.length < 2) return { ms: null, parts: [] }
  const by = retryInterval.stated ? '' : ', default'
  const parts: Part[] = [{ what: `until the next try (retry_interval${by})`, ms: retryInterval.value, at: retryInterval.at }]
  if (!since(graph.version, SAMPLING_SINCE)) {
    const gap = settingsOf(component).duration('retry_gap', 30_000)
    const ms = gap.value * (levels.length - 1)
    parts.push({ what: `level by level, ${formatDuration(gap.value)} each (retry_gap)`, ms, at: gap.at })
  }
  const grpc = exportersOf(levels[0], graph).find(({ type }) => exporterKind(type)?.wire === 'grpc')
  if (grpc) {
    const what = `${grpc.id} dials again (gRPC reconnect backoff; grows with the outage)`
    parts.push({ what, ms: LONGEST_DIAL_MS, at: grpc.at })
  }
  return { ms: sum(parts), parts }
}

const exportersOf = (level: Level | undefined, graph: Graph): Component[] =>
  [...behind(level ? pipelinesOf(level) : [], graph)].flatMap(({ exporters }) =>
    exporters.flatMap(({ id }) => graph.components.exporters.get(id) ?? []),
  )
