/** What a set-up protects against: which levels it has, and whether agents stand before them. */
export const SHAPES = {
  'two-backends': 'a primary and a secondary backend; what neither takes waits in a queue on disk',
  'backend-and-file': 'one backend, and a file on disk while it is down; failoverctl replay brings the file back',
  'three-levels': 'a primary, a secondary, and a file on disk when the network is gone',
  'agents-and-gateway': 'three levels in a gateway, and an agent on every node that keeps data while no gateway answers',
} as const
export type Shape = keyof typeof SHAPES

/** Where it runs. */
export const PLATFORMS = {
  file: 'configs for collectors that you start yourself',
  compose: 'a Compose file',
  kubernetes: 'a StatefulSet with a volume for each replica, a disruption budget and probes; agents as a DaemonSet',
} as const
export type Platform = keyof typeof PLATFORMS

/** A set-up as a person asks for it. */
export interface KitWish {
  readonly shape: Shape
  readonly platform: Platform
  /** OTLP/HTTP base addresses of the remote levels, highest first. */
  readonly endpoints: readonly string[]
  /** The name of the gateway, and of what belongs to it. */
  readonly name: string
  /** For Kubernetes. */
  readonly namespace: string
  readonly replicas: number
  /** The longest outage that queues and backups have to last for. Milliseconds. */
  readonly outageMs: number
  /** How much telemetry there is at most. Bytes a second, over all signals. */
  readonly bytesPerSecond: number
  /** Of the collector: `0.163.0`. */
  readonly version: string
}

/** A file of a set-up. */
export interface KitFile {
  /** Below the folder of the set-up. */
  readonly path: string
  /** Lines that end in `#! …` say why they are there; `plainText` leaves that out. */
  readonly text: string
}

/** The remote levels that a shape has. */
export const remoteLevels = (shape: Shape): readonly string[] =>
  shape === 'backend-and-file' ? ['primary'] : ['primary', 'secondary']

export const endsInFile = (shape: Shape): boolean => shape !== 'two-backends'
export const hasAgents = (shape: Shape): boolean => shape === 'agents-and-gateway'
