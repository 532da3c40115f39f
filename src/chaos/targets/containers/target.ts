import type { Graph } from '../../../collector/graph.ts'
import { sleep } from '../../../core/clock.ts'
import { FailoverctlError } from '../../../core/errors.ts'
import type { Host } from '../../../core/host.ts'
import { parsePrometheus } from '../../../metrics/prometheus.ts'
import { redactUrl } from '../../../otlp/destination.ts'
import type { BackendPlan } from '../../../outage/backends.ts'
import type { Docker } from '../../../platforms/docker.ts'
import type { Target } from '../../target.ts'
import { type ArrivalFile, fileHere, fileInContainer, fileOfTraces } from './arrival-files.ts'
import { ContainerBackend } from './backend.ts'
import { backendPlans, collectorAmong, containerOf, described } from './match.ts'
import type { Found } from './running-config.ts'
import { ContainerSubject, checkRunning } from './subject.ts'
import { waysIn } from './ways-in.ts'

/** What a person says about the containers; all that is left out is found. */
export interface ContainerSettings {
  /** Base address of the collector's OTLP/HTTP receiver. */
  readonly traffic?: string | undefined
  /** The collector's Prometheus endpoint. */
  readonly metrics?: string | undefined
  /** The container under test. */
  readonly collector?: string | undefined
  /** By any name that a backend has. */
  readonly backends?: Readonly<Record<string, DescribedBackend>> | undefined
}

export interface DescribedBackend {
  readonly container?: string | undefined
  /** A file on this machine: what its file exporter writes, as JSON lines. */
  readonly arrivals?: string | undefined
  /** The same as a path in the container. */
  readonly arrivalsInContainer?: string | undefined
}

export interface Containers {
  /** As a report names it. */
  readonly name: string
  readonly settings: ContainerSettings
  /** Nothing else is ever touched. */
  readonly found: readonly Found[]
  /** The one that a person means by this word. Throws `no-such-object`. */
  called(word: string): Found
}

const SCRAPE_TIMEOUT_MS = 2000
/** A file exporter writes once a second (contrib 0.161, flush_interval). */
const FLUSH_MS = 1000
const POLL_MS = 100

/** Finds who is who among containers. Throws where something is missing, before anything is made to fail. */
export async function containerTarget(
  { name, settings, found, called }: Containers,
  graph: Graph,
  run: string,
  docker: Docker,
  host: Host,
): Promise<Target> {
  const collector = settings.collector === undefined ? collectorAmong(found, graph) : called(settings.collector)
  const folder = await host.files.temporaryFolder('failoverctl-arrivals')
  const removeFolder = () => host.files.remove(folder)
  try {
    const plans = backendPlans(graph)
    const words = described(settings.backends ?? {}, plans, graph)
    const backends: ContainerBackend[] = []
    for (const plan of plans) {
      const said = words.get(plan) ?? {}
      const behind = said.container === undefined ? containerOf(plan, found, collector) : called(said.container)
      checkRunning(behind.container)
      const file = await arrivalsOf(plan, said, behind, folder, docker, host)
      const exporters = plan.exporters.map(({ id }) => id)
      const backend = new ContainerBackend({ name: plan.name, exporters, container: behind.container, file }, run, docker, host)
      await backend.begin()
      backends.push(backend)
    }
    if (collector) checkRunning(collector.container)
    const { traffic, over, metrics } = await waysIn(settings, collector, docker.engine.isLocal, host)
    const scrape = async () => {
      const reply = await host.network.request({ method: 'GET', url: metrics, timeoutMs: SCRAPE_TIMEOUT_MS })
      return reply.kind === 'answer' ? parsePrometheus(new TextDecoder().decode(reply.body)) : []
    }
    if ((await scrape()).length === 0) {
      const hint = 'Does the collector serve them there? `metrics` under the target in failoverctl.yaml names another address.'
      throw new FailoverctlError('no-answer', `no metrics at ${redactUrl(metrics)}`, hint)
    }
    const ends = new AbortController()
    const watching = watch(backends, host, ends.signal)
    const slowestMs = Math.max(...backends.map(({ file }) => file.everyMs)) + FLUSH_MS
    return {
      name,
      metricsUrl: redactUrl(metrics),
      backends,
      ...(collector && { collector: new ContainerSubject('collector', collector.container, docker, host) }),
      trafficUrl: traffic,
      trafficOver: over,
      quietMs: slowestMs + 2 * FLUSH_MS,
      noticedWithinMs: slowestMs,
      notes: notesOf(backends, slowestMs),
      scrape,
      async close() {
        ends.abort()
        await watching
        for (const backend of backends) await backend.close()
        await removeFolder()
      },
    }
  } catch (error) {
    await removeFolder()
    throw error
  }
}

function arrivalsOf(
  plan: BackendPlan,
  { arrivals, arrivalsInContainer }: DescribedBackend,
  { container, graph, why }: Found,
  folder: string,
  docker: Docker,
  host: Host,
): ArrivalFile | Promise<ArrivalFile> {
  if (arrivals !== undefined) return fileHere(arrivals, host)
  if (arrivalsInContainer !== undefined) return fileInContainer(container, arrivalsInContainer, folder, docker, host)
  const file = graph ? fileOfTraces(graph) : { why: `its config cannot be read: ${why}` }
  if ('path' in file) return fileInContainer(container, file.path, folder, docker, host)
  throw new FailoverctlError(
    'wrong-use',
    `what arrives at ${plan.name} could not be counted: container ${container.name} is no witness (${file.why})`,
    `Give it a file exporter, or say where it writes: \`backends: {${plan.name}: {arrivals: …}}\` under the target in failoverctl.yaml.`,
  )
}

function notesOf(backends: readonly ContainerBackend[], slowestMs: number): string[] {
  const copied = backends.filter(({ file }) => file.isCopied).map(({ name }) => name)
  return [
    `arrivals are read from files that are written once a second: times to the first span are late by up to ${slowestMs / 1000} s`,
    ...(copied.length > 0 ? [`the file of ${copied.join(', ')} is copied out of its container once a second`] : []),
  ]
}

async function watch(backends: readonly ContainerBackend[], { clock }: Host, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    for (const backend of backends) await backend.look().catch(() => {})
    await sleep(clock, POLL_MS, signal).catch(() => {})
  }
}
