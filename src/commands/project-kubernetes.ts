/** The collectors in a cluster that chaos runs against, as the schema has them. */
export interface KubernetesSection {
  readonly context?: string
  readonly namespace?: string
  readonly kubeconfig?: string
  readonly collector: {
    readonly workload: string
    readonly traffic?: string
    readonly metrics?: string
    readonly 'traffic-port'?: number
    readonly 'metrics-port'?: number
  }
  readonly backends: Readonly<Record<string, DescribedWorkload>>
}

interface DescribedWorkload {
  readonly workload?: string
  readonly cidr?: string
  readonly arrivals?: string
  readonly 'metrics-port'?: number
}

/** Files beside the project file. */
export const kubernetesBeside = (section: KubernetesSection, from: (path: string) => string): KubernetesSection => ({
  ...section,
  ...(section.kubeconfig !== undefined && { kubeconfig: from(section.kubeconfig) }),
  backends: Object.fromEntries(
    Object.entries(section.backends).map(([name, backend]) => [
      name,
      { ...backend, ...(backend.arrivals !== undefined && { arrivals: from(backend.arrivals) }) },
    ]),
  ),
})
