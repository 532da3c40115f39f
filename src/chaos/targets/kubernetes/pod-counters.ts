import type { Clock } from '../../../core/clock.ts'
import { parsePrometheus, type Sample } from '../../../metrics/prometheus.ts'
import type { Kubectl } from '../../../platforms/kubectl.ts'
import { Counters } from '../../counters.ts'
import { isReady, podsOf, type Workload } from './workload.ts'

/** What the one pod of a backend has counted, through the API server. Undefined for several: which of them was ended, the sum does not tell. */
export const podCounters = (
  workload: Workload,
  port: number,
  namespace: string,
  kubectl: Kubectl,
  clock: Pick<Clock, 'now'>,
): Counters | undefined =>
  workload.replicas > 1 ? undefined : new Counters(() => metricsOf(workload, port, namespace, kubectl), clock)

async function metricsOf(workload: Workload, port: number, namespace: string, kubectl: Kubectl): Promise<Sample[]> {
  const [pod] = (await podsOf(workload, kubectl)).filter(isReady)
  if (!pod) return []
  const path = `/api/v1/namespaces/${namespace}/pods/${pod.metadata.name}:${port}/proxy/metrics`
  return parsePrometheus(await kubectl.raw(path))
}
