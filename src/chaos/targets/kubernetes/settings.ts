import type { KubectlSettings } from '../../../platforms/kubectl.ts'

/** A collector and its backends in a cluster, as the project file describes them. Nothing else is touched. */
export interface KubernetesSettings extends KubectlSettings {
  readonly collector: CollectorWorkload
  /** By any name that a backend has. */
  readonly backends: Readonly<Record<string, BackendWorkload>>
}

export interface CollectorWorkload {
  /** A kind and a name: `statefulset/otel-gateway`. */
  readonly workload: string
  /** Base address of its OTLP/HTTP receiver; undefined: a forwarded port of one of its pods. */
  readonly traffic?: string | undefined
  /** Its Prometheus endpoint; undefined: as for traffic. */
  readonly metrics?: string | undefined
  readonly trafficPort: number
  readonly metricsPort: number
}

export interface BackendWorkload {
  /** undefined: it is outside of the cluster, and can only be cut off. */
  readonly workload?: string | undefined
  /** Where it is, for one without a workload: `10.2.3.4/32`. */
  readonly cidr?: string | undefined
  /** What its file exporter writes as JSON lines, where this machine can read it. */
  readonly arrivals?: string | undefined
  /** The port of its pods with its own counters, where there is no such file. */
  readonly metricsPort: number
}
