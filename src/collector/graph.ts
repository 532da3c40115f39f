import type { At, MapValue, Value } from '../source/value.ts'
import type { Setting } from './settings.ts'
import type { Version } from './versions.ts'

/** The config of one collector as a typed graph. What is undefined in it was named and is not there. */
export interface Graph {
  readonly root: MapValue
  readonly version: Version
  readonly components: Readonly<Record<Section, ReadonlyMap<string, Component>>>
  readonly pipelines: ReadonlyMap<string, Pipeline>
  readonly failovers: readonly Failover[]
  readonly telemetry: Telemetry
  /** Extensions that `service.extensions` switches on. */
  readonly extensions: readonly Reference[]
}

export const SECTIONS = ['receivers', 'processors', 'exporters', 'connectors', 'extensions'] as const
export type Section = (typeof SECTIONS)[number]

export interface Component {
  readonly section: Section
  /** `otlp/primary` */
  readonly id: string
  /** `otlp` */
  readonly type: string
  /** `primary`, or empty */
  readonly name: string
  readonly at: At
  readonly settings: Value | undefined
}

/** A place in the config that names something. */
export interface Reference {
  readonly id: string
  readonly at: At
  /** An environment variable gave the id: it is not to be shown. */
  readonly hidden: boolean
}

export interface Pipeline {
  readonly id: string
  readonly signal: string
  readonly name: string
  readonly at: At
  readonly receivers: readonly Reference[]
  readonly processors: readonly Reference[]
  readonly exporters: readonly Reference[]
}

export interface Failover {
  readonly component: Component
  readonly levels: readonly Level[]
  /** Milliseconds. */
  readonly retryInterval: Setting<number>
  readonly queue: Queue
  /** Only errors with one of these texts fail over; empty: any error does. */
  readonly condition: readonly string[]
  /** Pipelines that export to the connector, and those that receive from it. */
  readonly sources: readonly Pipeline[]
  readonly targets: readonly Pipeline[]
}

export interface Level {
  readonly index: number
  readonly at: At
  readonly pipelines: readonly LevelPipeline[]
}

export interface LevelPipeline extends Reference {
  readonly level: number
  readonly pipeline: Pipeline | undefined
  /** Where its data goes, past other connectors: each batch to all of them. */
  readonly outlets: readonly Outlet[]
}

/** An exporter, or another failover connector, one of whose levels takes the data. */
export type Outlet = string | NestedLevels

export interface NestedLevels {
  readonly retryIntervalMs: number
  readonly levels: readonly (readonly Outlet[])[]
}

/** exporterhelper's `sending_queue` (core 0.161 exporter/exporterhelper). */
export interface Queue {
  readonly enabled: Setting<boolean>
  readonly consumers: number
  readonly size: number
  readonly sizer: 'requests' | 'items' | 'bytes'
  readonly blockOnOverflow: boolean
  readonly waitForResult: boolean
  readonly storage: Reference | undefined
}

/** exporterhelper's `retry_on_failure` (core 0.161 config/configretry); times in milliseconds. */
export interface Retry {
  readonly enabled: Setting<boolean>
  readonly initialMs: number
  readonly maxMs: number
  /** 0 is for ever. */
  readonly maxElapsed: Setting<number>
  readonly multiplier: number
  readonly randomization: number
}

export interface Telemetry {
  /** Where `/metrics` is served; undefined when the config switches it off. */
  readonly metrics: { readonly host: string; readonly port: number } | undefined
}
