import type { Graph } from '../../collector/graph.ts'
import { FailoverctlError } from '../../core/errors.ts'
import type { Host } from '../../core/host.ts'
import { parsePrometheus } from '../../metrics/prometheus.ts'
import { redactUrl } from '../../otlp/destination.ts'
import type { BackendPlan } from '../../outage/backends.ts'
import { Kubectl } from '../../platforms/kubectl.ts'
import type { Target } from '../target.ts'
import { describedPlans } from './described.ts'
import { KubernetesBackend } from './kubernetes/backend.ts'
import { podCounters } from './kubernetes/pod-counters.ts'
import type { BackendWorkload, KubernetesSettings } from './kubernetes/settings.ts'
import { KubernetesSubject, type NetworkPolicySpec } from './kubernetes/subject.ts'
import { WayIn } from './kubernetes/way-in.ts'
import { findWorkload, type Workload } from './kubernetes/workload.ts'
import { lookOn } from './look-on.ts'

const SCRAPE_TIMEOUT_MS = 2000
/** A file exporter writes once a second (contrib 0.161, flush_interval). */
const FLUSH_MS = 1000
const POLL_MS = 200

/** Workloads that run in a cluster already. Throws where something that the project file names is not there, before anything fails. */
export async function kubernetesTarget(settings: KubernetesSettings, graph: Graph, run: string, host: Host): Promise<Target> {
  const kubectl = new Kubectl(host.tools, settings)
  const plans = describedPlans(settings.backends, graph, 'kubernetes.backends')
  const { collector: described } = settings
  const workload = await findWorkload(described.workload, kubectl)
  const collector = await new KubernetesSubject('collector', workload, undefined, run, kubectl, host).ask()
  const namespace = await kubectl.namespace()
  const backends: KubernetesBackend[] = []
  for (const [plan, backend] of plans) {
    const made = await backendOf(plan, backend, { collector: workload, namespace, run, kubectl }, host)
    await made.begin()
    backends.push(made)
  }
  const forwarded = new Set([
    ...(described.traffic === undefined ? [described.trafficPort] : []),
    ...(described.metrics === undefined ? [described.metricsPort] : []),
  ])
  const wayIn = new WayIn(workload, [...forwarded], kubectl, host)
  if (forwarded.size > 0) await wayIn.open()
  const metricsUrl = described.metrics ?? `${wayIn.address(described.metricsPort)}/metrics`
  const ends = new AbortController()
  const watching = lookOn(backends, POLL_MS, host.clock, ends.signal)
  const close = async () => {
    ends.abort()
    await watching
    await wayIn.close()
    for (const backend of backends) await backend.close()
  }
  const scrape = async () => {
    const reply = await host.network.request({ method: 'GET', url: metricsUrl, timeoutMs: SCRAPE_TIMEOUT_MS })
    return reply.kind === 'answer' ? parsePrometheus(new TextDecoder().decode(reply.body)) : []
  }
  if ((await scrape()).length === 0) {
    await close()
    throw new FailoverctlError(
      'no-answer',
      `no metrics at ${redactUrl(metricsUrl)}${described.metrics ? '' : `, which leads to port ${described.metricsPort} of a pod of ${workload.id}`}`,
      'kubernetes.collector.metrics-port or .metrics in the project file says where they are.',
    )
  }
  return {
    name: `namespace ${namespace}`,
    backends,
    collector,
    trafficUrl: described.traffic ?? wayIn.address(described.trafficPort),
    trafficOver: 'http',
    metricsUrl: redactUrl(metricsUrl),
    quietMs: 3 * FLUSH_MS,
    noticedWithinMs: FLUSH_MS + POLL_MS,
    notes: [
      `arrivals are read from files and counters that lag: times to the first span are late by up to ${(FLUSH_MS + POLL_MS) / 1000} s`,
      ...(backends.some(({ can }) => can.has('partition'))
        ? ["a NetworkPolicy cuts off only where the cluster's network plugin enforces it"]
        : []),
    ],
    scrape,
    close,
  }
}

interface Around {
  readonly collector: Workload
  readonly namespace: string
  readonly run: string
  readonly kubectl: Kubectl
}

async function backendOf(
  plan: BackendPlan,
  { workload: id, cidr, arrivals, metricsPort }: BackendWorkload,
  { collector, namespace, run, kubectl }: Around,
  host: Host,
): Promise<KubernetesBackend> {
  const workload = id === undefined ? undefined : await findWorkload(id, kubectl)
  const policy = workload === undefined && cidr !== undefined ? allBut(cidr, collector) : undefined
  const subject = new KubernetesSubject(plan.name, workload, policy, run, kubectl, host)
  const counters =
    arrivals === undefined && workload ? podCounters(workload, metricsPort, namespace, kubectl, host.clock) : undefined
  return new KubernetesBackend(
    subject,
    plan.exporters.map(exporter => exporter.id),
    { arrivals, counters },
    run,
    host,
  )
}

/** The collector may send everywhere but there. */
const allBut = (cidr: string, collector: Workload): NetworkPolicySpec => ({
  podSelector: collector.podSelector,
  policyTypes: ['Egress'],
  egress: [{ to: [{ ipBlock: { cidr: cidr.includes(':') ? '::/0' : '0.0.0.0/0', except: [cidr] } }] }],
})
