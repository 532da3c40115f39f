import { type At, lookup, type MapValue, type Value } from '../source/value.ts'
import type { Component, Failover, Graph, Pipeline, Reference, Section, Telemetry } from './graph.ts'
import { normalizeId } from './ids.ts'
import { outletsOf, type Unresolved } from './outlets.ts'
import { queueOf, referenceOf } from './sending.ts'
import { asText, settingsOf } from './settings.ts'
import { NEWEST, since, type Version } from './versions.ts'

/** contrib 0.136.0 (issue 33077): the failover connector got a queue of its own, on by default. */
const CONNECTOR_QUEUE_SINCE = 136

/** Reads what the config means. Never fails: what is missing or of the wrong type is left out, and rules and schema report it. */
export function readGraph(root: MapValue, version: Version = NEWEST): Graph {
  const components = {
    receivers: componentsOf(root, 'receivers'),
    processors: componentsOf(root, 'processors'),
    exporters: componentsOf(root, 'exporters'),
    connectors: componentsOf(root, 'connectors'),
    extensions: componentsOf(root, 'extensions'),
  }
  const pipelines = new Map(pipelinesOf(root).map(pipeline => [pipeline.id, pipeline]))
  const connectors = [...components.connectors.values()].filter(({ type }) => type === 'failover')
  return {
    root,
    version,
    components,
    pipelines,
    failovers: resolved(
      connectors.map(connector => failoverOf(connector, pipelines, version)),
      { pipelines, components },
    ),
    telemetry: telemetryOf(root),
    extensions: ids(lookup(root, 'service', 'extensions')),
  }
}

function componentsOf(root: MapValue, section: Section): Map<string, Component> {
  const found = lookup(root, section)
  if (found?.kind !== 'map') return new Map()
  return new Map(
    Array.from(found.entries.values(), ({ key, keyAt, value }) => {
      const [type, name] = split(key)
      const id = normalizeId(key)
      // Behind a key with spaces the collector finds the component and loses its settings (measured on core 0.161.0).
      return [id, { section, id, type, name, at: keyAt, settings: id === key ? value : undefined }]
    }),
  )
}

function pipelinesOf(root: MapValue): Pipeline[] {
  const found = lookup(root, 'service', 'pipelines')
  if (found?.kind !== 'map') return []
  return Array.from(found.entries.values(), ({ key, keyAt, value }) => {
    const [signal, name] = split(key)
    const list = (what: string) => ids(lookup(value, what))
    return {
      id: normalizeId(key),
      signal,
      name,
      at: keyAt,
      receivers: list('receivers'),
      processors: list('processors'),
      exporters: list('exporters'),
    }
  })
}

function failoverOf(component: Component, pipelines: ReadonlyMap<string, Pipeline>, version: Version): Unresolved {
  const all = [...pipelines.values()]
  const names = (list: readonly Reference[]) => list.some(({ id }) => id === component.id)
  return {
    component,
    levels: levelsOf(component, pipelines),
    retryInterval: settingsOf(component).duration('retry_interval', 600_000),
    queue: queueOf(component, since(version, CONNECTOR_QUEUE_SINCE)),
    condition: conditionOf(component),
    sources: all.filter(({ exporters }) => names(exporters)),
    targets: all.filter(({ receivers }) => names(receivers)),
  }
}

/** With the places to which the levels lead: another failover connector may be on the way. */
function resolved(
  failovers: readonly Unresolved[],
  { pipelines, components }: Pick<Graph, 'pipelines' | 'components'>,
): Failover[] {
  const byId = new Map(failovers.map(failover => [failover.component.id, failover]))
  const way = { pipelines, connectors: new Set(components.connectors.keys()), failovers: byId }
  return failovers.map(failover => ({
    ...failover,
    levels: failover.levels.map(level => ({
      ...level,
      pipelines: level.pipelines.map(one => ({
        ...one,
        outlets: one.pipeline ? outletsOf(one.pipeline, way, new Set([failover.component.id])) : [],
      })),
    })),
  }))
}

function levelsOf(component: Component, pipelines: ReadonlyMap<string, Pipeline>): Unresolved['levels'] {
  const levels = lookup(component.settings, 'priority_levels')
  if (levels?.kind !== 'list') return []
  return levels.items.map((level, index) => ({
    index,
    at: level.at,
    pipelines: ids(level).map(reference => ({ ...reference, level: index, pipeline: pipelines.get(reference.id) })),
  }))
}

// A string up to 0.162, a list of strings from 0.163.
function conditionOf(component: Component): string[] {
  const contains = lookup(component.settings, 'condition', 'error', 'contains')
  const one = asText(contains)
  return one !== undefined ? [one] : references(contains).map(({ id }) => id)
}

const ids = (list: Value | undefined): Reference[] => references(list).map(one => ({ ...one, id: normalizeId(one.id) }))

function references(list: Value | undefined): Reference[] {
  if (list?.kind !== 'list') return []
  return list.items.flatMap(item => {
    const reference = referenceOf(item)
    return reference ? [reference] : []
  })
}

/** `otlp/primary` → [`otlp`, `primary`]; the name may hold further slashes. */
function split(id: string): [string, string] {
  const slash = id.indexOf('/')
  return slash < 0 ? [id.trim(), ''] : [id.slice(0, slash).trim(), id.slice(slash + 1).trim()]
}

function telemetryOf(root: MapValue): Telemetry {
  const metrics = lookup(root, 'service', 'telemetry', 'metrics')
  if (asText(lookup(metrics, 'level')) === 'none') return { metrics: undefined }
  const readers = lookup(metrics, 'readers')
  if (readers?.kind !== 'list') return { metrics: { host: 'localhost', port: 8888 } }
  const prometheus = readers.items
    .map(reader => lookup(reader, 'pull', 'exporter', 'prometheus'))
    .find(found => found !== undefined)
  if (!prometheus) return { metrics: undefined }
  return {
    metrics: {
      host: asText(lookup(prometheus, 'host')) ?? 'localhost',
      port: Number(asText(lookup(prometheus, 'port')) ?? 8888),
    },
  }
}

/** The position that `at` has when nothing better is known: the first character of a file. */
export const startOf = (file: string): At => ({ file, line: 1, column: 1, length: 1 })
