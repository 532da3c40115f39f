import type { Sample } from '../metrics/prometheus.ts'
import type { Witness } from '../otlp/witness.ts'
import type { Inverse } from './inverse.ts'

/** What can be done to a backend. */
export const CAPABILITIES = ['stop', 'kill', 'pause', 'answer'] as const
export type Capability = (typeof CAPABILITIES)[number]

/** What an experiment runs against: a collector under test and the backends behind it. */
export interface Target {
  /** As the report names it: `the embedded lab`. */
  readonly name: string
  readonly can: ReadonlySet<Capability>
  readonly backends: readonly TargetBackend[]
  /** Base address for OTLP. */
  readonly trafficUrl: string
  readonly trafficOver: 'http' | 'grpc'
  /** Where it is not what the config says. */
  readonly notes: readonly string[]
  /** The backends have settled when nothing new has come for so long (default: 1 s). */
  readonly quietMs?: number
  /** The collector's own metrics. Rejects, or is empty, when they cannot be had. */
  scrape(): Promise<readonly Sample[]>
  /** Ends all that the target started. */
  close(): Promise<void>
}

/** A backend that can be made to fail, and that tells what has arrived. Every fault's opposite may be called at any time. */
export interface TargetBackend {
  readonly name: string
  readonly exporters: readonly string[]
  stop(): Promise<void>
  kill(): Promise<void>
  start(): Promise<void>
  pause(): Promise<void>
  resume(): Promise<void>
  /** Answers every request with this HTTP status until `start`. */
  answer(status: number): Promise<void>
  /** What takes such a fault back when this process has died; without it, the fault ends with this process. */
  inverse?(kind: Capability): Promise<Inverse>
  /** From now on, `firstArrival` tells when the first span with this sequence number or a later one arrived. */
  mark(fromSequence: number): void
  /** On the clock of the run, in milliseconds; undefined when none has arrived since the mark. */
  firstArrival(): number | undefined
  /** What it holds now. */
  witness(): Promise<Witness>
}
