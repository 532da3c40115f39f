import type { Component, Failover, Graph, Pipeline } from '../collector/graph.ts'
import { since } from '../collector/versions.ts'
import { type Unit, unitOf } from '../metrics/figures.ts'
import { counter, matcher, type Spelling, spelled, spellingOf } from './names.ts'

/** What says which level is in use. */
export const LEVEL_SOURCES = ['gauge', 'counters', 'watch'] as const
export type LevelSource = (typeof LEVEL_SOURCES)[number]

/** contrib 0.159 is the first whose settings go with the gauge; its own first release is not known. */
const GAUGE_SINCE = 159

export interface AlertOptions {
  /** The `job` of the collectors in Prometheus; undefined: every series called otelcol_… counts. */
  readonly job: string | undefined
  /** Labels by which alerts are kept apart, besides job and instance. */
  readonly by: readonly string[]
  readonly spelling: Spelling | undefined
  readonly levelFrom: LevelSource | undefined
  /** By level-0 exporter: an expression that has a value while its backend is up. */
  readonly backendUp: ReadonlyMap<string, string>
  /** From 0 to 1. */
  readonly queueFull: number
  /** What an item takes in a backup. */
  readonly itemBytes: number
  /** Of the pods, where kube-state-metrics counts their restarts. */
  readonly kubernetes: { readonly namespace: string | undefined; readonly container: string } | undefined
}

/** What rules look at: the config, the names of its metrics, and how the people want it. */
export class Situation {
  readonly graph: Graph
  readonly options: AlertOptions
  readonly spelling: Spelling
  readonly levelFrom: LevelSource
  /** Why an alert is not made, for a person. */
  readonly notes: string[] = []

  constructor(graph: Graph, options: AlertOptions) {
    this.graph = graph
    this.options = options
    this.spelling = options.spelling ?? spellingOf(graph)
    this.levelFrom = options.levelFrom ?? (since(graph.version, GAUGE_SINCE) ? 'gauge' : 'counters')
  }

  /** The labels of every alert: `job, instance`, those of --by, and more. */
  by(...more: readonly string[]): string {
    return `by (${['job', 'instance', ...this.options.by, ...more].join(', ')})`
  }

  on(): string {
    return `on (${['job', 'instance', ...this.options.by].join(', ')})`
  }

  matchers(...own: readonly string[]): string[] {
    const { job } = this.options
    return [...(job === undefined ? [] : [`job="${job}"`]), ...own]
  }

  counter(name: string, ...own: readonly string[]): string {
    return counter(name, this.spelling, this.matchers(...own))
  }

  /** The labels that the target has in a test. */
  get target(): Readonly<Record<string, string>> {
    return Object.fromEntries([
      ['job', this.options.job ?? 'otel-collector'],
      ['instance', 'collector-0:8888'],
      ...this.options.by.map(label => [label, `a-${label}`]),
    ])
  }

  /** A counter of a test. */
  sample(name: string, labels: Readonly<Record<string, string>>): string {
    return series(spelled(name, this.spelling), { ...this.target, ...labels })
  }

  /** The units that pipelines of this config are counted in. */
  get units(): Unit[] {
    return [...new Set([...this.graph.pipelines.values()].flatMap(({ signal }) => unitOf(signal) ?? []))]
  }

  /** Exporters of the levels of every failover connector. */
  get inLevels(): ReadonlySet<string> {
    return new Set(this.graph.failovers.flatMap(failover => exportersFrom(failover, 0)))
  }
}

/** `name{label="value",…}` */
export const series = (name: string, labels: Readonly<Record<string, string>>): string =>
  `${name}{${Object.entries(labels)
    .map(([label, value]) => `${label}="${value}"`)
    .join(',')}}`

/** The exporters of all levels from this one on. */
export const exportersFrom = ({ levels }: Failover, from: number): string[] => [
  ...new Set(
    levels
      .slice(from)
      .flatMap(({ pipelines }) => pipelines.flatMap(({ pipeline }) => pipeline?.exporters.map(({ id }) => id) ?? [])),
  ),
]

export const exportersAt = (failover: Failover, level: number): string[] =>
  exportersFrom({ ...failover, levels: failover.levels.slice(level, level + 1) }, 0)

export const unitOfConnector = ({ sources, targets }: Failover): Unit | undefined =>
  unitOf((sources[0] ?? targets[0])?.signal ?? '')

/** Exporters below level 0 by which a failover can be told: of this signal they serve nothing else. */
export function tellingExporters(failover: Failover, graph: Graph): string[] {
  const signal = (failover.sources[0] ?? failover.targets[0])?.signal
  const below = new Set(failover.levels.slice(1).flatMap(({ pipelines }) => pipelines.map(({ id }) => id)))
  const isElsewhere = (exporter: string) =>
    [...graph.pipelines.values()].some(
      (pipeline: Pipeline) =>
        pipeline.signal === signal && !below.has(pipeline.id) && pipeline.exporters.some(({ id }) => id === exporter),
    )
  return exportersFrom(failover, 1).filter(exporter => !isElsewhere(exporter))
}

/** `level 0 is otlp/primary, level 1 is otlp/secondary` */
export const levelsInWords = (failover: Failover): string =>
  failover.levels.map(({ index }) => `level ${index} is ${exportersAt(failover, index).join(' and ') || 'nothing'}`).join(', ')

/** Whole minutes, rounded up: `7m`. */
export const minutes = (ms: number): string => `${Math.max(1, Math.ceil(ms / 60_000))}m`

export const exporterMatcher = (exporters: readonly string[]): string => matcher('exporter', exporters)

export const componentOf = (graph: Graph, exporter: string): Component | undefined => graph.components.exporters.get(exporter)
