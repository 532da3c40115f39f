import type { KubernetesSettings } from '../chaos/targets/kubernetes/settings.ts'
import { FailoverctlError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { readProject } from './project.ts'
import type { KubernetesSection } from './project-kubernetes.ts'

const TRAFFIC_PORT = 4318
const METRICS_PORT = 8888

/** What the project file says under `kubernetes`. Throws `wrong-use` where it says nothing. */
export async function kubernetesSettings(project: string | undefined, host: Host): Promise<KubernetesSettings> {
  const { kubernetes: section } = (await readProject(project, host)) as { readonly kubernetes?: KubernetesSection }
  if (!section) {
    const hint = 'Name the workloads under `kubernetes` in failoverctl.yaml; docs/chaos-kubernetes.md has an example.'
    throw new FailoverctlError('wrong-use', 'the project file names no workloads', hint)
  }
  const { context, namespace, kubeconfig, collector, backends } = section
  const { workload, traffic, metrics } = collector
  return {
    context,
    namespace,
    kubeconfig,
    collector: {
      workload,
      traffic,
      metrics,
      trafficPort: collector['traffic-port'] ?? TRAFFIC_PORT,
      metricsPort: collector['metrics-port'] ?? METRICS_PORT,
    },
    backends: Object.fromEntries(
      Object.entries(backends).map(([name, backend]) => [
        name,
        { ...backend, metricsPort: backend['metrics-port'] ?? METRICS_PORT },
      ]),
    ),
  }
}
