import type { Address } from '../../core/host.ts'
import type { ProgramSettings } from './program.ts'

/** A collector and its backends that run on this machine already, as the project file describes them. */
export interface ProcessSettings {
  /** Base address of the collector's OTLP/HTTP receiver. */
  readonly traffic: string
  /** Its Prometheus endpoint. */
  readonly metrics: string
  /** The network namespace in which it runs; undefined: that of this program. */
  readonly netns?: string | undefined
  /** Where the collector itself can be made to fail. */
  readonly collector?: CollectorProcess | undefined
  /** By any name that a backend has. */
  readonly backends: Readonly<Record<string, BackendProcess>>
  /** What a person has allowed that is refused otherwise. */
  readonly allowed?: Allowed | undefined
}

export interface Allowed {
  /** To fill the root file system. */
  readonly rootVolume?: boolean | undefined
  /** To cut failoverctl off from the collector's traffic and metrics. */
  readonly ownWay?: boolean | undefined
}

export interface CollectorProcess extends ProgramSettings {
  /** What it reads at SIGHUP. */
  readonly config?: string | undefined
  /** A folder on the volume that its queues and files are on. */
  readonly volume?: string | undefined
}

export interface BackendProcess extends ProgramSettings {
  /** The witness of what has arrived, one of three. What its file exporter writes, as JSON lines: every span by its number. */
  readonly arrivals?: string | undefined
  /** The metrics of a `failoverctl sink`: how many different spans. */
  readonly sink?: string | undefined
  /** A collector's own metrics: how many spans, more or less. */
  readonly metrics?: string | undefined
  /** The network namespace in which it runs, where packets to it are dropped; undefined: they are dropped where the collector runs. */
  readonly netns?: string | undefined
  readonly volume?: string | undefined
  /** The fault proxy between the collector and it: the exporter's endpoint is where this listens. */
  readonly proxy?: ProxySettings | undefined
}

export interface ProxySettings {
  readonly listen: Address
  readonly upstream: Address
}
