import type { Graph } from '../collector/graph.ts'
import type { LevelReading } from '../metrics/level.ts'
import type { Sample } from '../metrics/prometheus.ts'
import type { PlannedFault } from './experiment.ts'
import type { CountedHolding, Holding } from './holding.ts'
import type { Inverse } from './inverse.ts'

/** What can be done to a subject; the steps of an experiment are made of these. */
export const DEEDS = [
  'stop',
  'kill',
  'pause',
  'reject',
  'partial-success',
  'reset',
  'partition',
  'latency',
  'loss',
  'disk-full',
  'config',
  'node-loss',
] as const
export type Deed = (typeof DEEDS)[number]

/** A deed that is ready to be done. Nothing has happened yet. */
export interface Prepared {
  /** What takes it back when this process has died; it is on the disk first. Without it, the fault ends with this process. */
  readonly inverse?: Inverse
  inject(): Promise<void>
  /** May be called at any time, also after an `inject` that failed halfway, and twice. */
  undo(): Promise<void>
}

/** What faults are made to: a backend, or the collector under test. */
export interface Subject {
  readonly name: string
  readonly can: ReadonlySet<Deed>
  /** Why it cannot do what others of its kind can: `iptables needs root`. */
  readonly cannot?: Readonly<Partial<Record<Deed, string>>>
  /** Looks at what is there now, so that the deed meets it and nothing else. Rejects where it cannot be done. */
  prepare(deed: Deed, fault: PlannedFault): Promise<Prepared>
}

/** What an experiment runs against: a collector under test and the backends behind it. */
export interface Target {
  /** As the report names it: `the embedded lab`. */
  readonly name: string
  readonly backends: readonly TargetBackend[]
  /** Where the collector itself can be made to fail. */
  readonly collector?: Subject
  /** Base address for OTLP. */
  readonly trafficUrl: string
  readonly trafficOver: 'http' | 'grpc'
  /** The way to a backend is new, and the collector finds it at its next retry: level 0 may take as long as a recovery at first. */
  readonly mayBeginLower?: boolean
  /** Where it is not what the config says. */
  readonly notes: readonly string[]
  /** The backends have settled when nothing new has come for so long (default: 1 s). */
  readonly quietMs?: number
  /** An arrival is noticed so late at most (default: at once). */
  readonly noticedWithinMs?: number
  /** Its Prometheus endpoint, as a person may read it. */
  readonly metricsUrl?: string
  /** Its health check, where that is not where the config says. */
  readonly healthUrl?: string | undefined
  /** What it does, in the words of a collector's config, where it is none. */
  readonly graph?: Graph
  /** The backends of a level share its work, so that one of them will do; a collector's level needs all of them. */
  readonly sharesLevels?: boolean
  /** How its metrics tell the level, where they are not a collector's. */
  level?(samples: readonly Sample[]): LevelReading | undefined
  /** What it tells of itself, oldest first. */
  events?(): readonly TargetEvent[]
  /** The collector's own metrics. Rejects, or is empty, when they cannot be had. */
  scrape(): Promise<readonly Sample[]>
  /** Ends all that the target started. */
  close(): Promise<void>
}

/** Something that happened in a target, as it tells it. */
export interface TargetEvent {
  /** On the clock of the run, in milliseconds. */
  readonly at: number
  /** Who tells it: the name of a listener. */
  readonly source: string
  readonly text: string
}

/** A backend that can be made to fail, and that tells what has arrived. */
export interface TargetBackend extends Subject {
  readonly exporters: readonly string[]
  /** From now on, `firstArrival` tells when the first span with this sequence number or a later one arrived. */
  mark(fromSequence: number): void
  /** On the clock of the run, in milliseconds; undefined when none has arrived since the mark. */
  firstArrival(): number | undefined
  /** What it holds now. The last answer counts: it says so where it may hold more. A `Witness` is one, and tells arrivals as they come. */
  witness(): Promise<Holding | CountedHolding>
}
