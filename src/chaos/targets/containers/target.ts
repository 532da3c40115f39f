import type { Graph } from '../../../collector/graph.ts'
import { FailoverctlError } from '../../../core/errors.ts'
import type { Host } from '../../../core/host.ts'
import { parsePrometheus } from '../../../metrics/prometheus.ts'
import { redactUrl } from '../../../otlp/destination.ts'
import type { Docker } from '../../../platforms/docker.ts'
import type { Target } from '../../target.ts'
import { backendPlans } from '../described.ts'
import { FileLevel, fileOf, takesTraces } from '../file-level.ts'
import { lookOn } from '../look-on.ts'
import { fileInContainer } from './arrival-files.ts'
import { fileSource } from './arrival-source.ts'
import { ContainerBackend } from './backend.ts'
import { collectorAmong, containerOf, described, endpointFor } from './match.ts'
import { networkOf, none } from './network.ts'
import type { Found } from './running-config.ts'
import { ContainerSubject, checkRunning } from './subject.ts'
import { volumeOf } from './volume.ts'
import { waysIn } from './ways-in.ts'
import { type DescribedArrivals, witnessOf } from './witnesses.ts'

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
  /** Whether a volume on the root file system may be filled. */
  readonly rootVolume?: boolean | undefined
}

export interface DescribedBackend extends DescribedArrivals {
  readonly container?: string | undefined
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
const POLL_MS = 100
const QUIET_MS = 2000

/** Finds who is who among containers. Throws where something is missing, before anything is made to fail. */
export async function containerTarget(
  containers: Containers,
  graph: Graph,
  run: string,
  docker: Docker,
  host: Host,
): Promise<Target> {
  let made: string | undefined
  // Most files are read where they are: then there is nothing to clean up.
  const folder = async () => {
    made ??= await host.files.temporaryFolder('failoverctl-arrivals')
    return made
  }
  const removeFolder = async () => {
    if (made !== undefined) await host.files.remove(made)
  }
  try {
    return await openTarget(containers, { graph, run, folder, removeFolder, docker, host })
  } catch (error) {
    await removeFolder()
    throw error
  }
}

interface Opening {
  readonly graph: Graph
  readonly run: string
  folder(): Promise<string>
  removeFolder(): Promise<void>
  readonly docker: Docker
  readonly host: Host
}

async function openTarget({ name, settings, found, called }: Containers, opening: Opening): Promise<Target> {
  const { graph, run, docker, host } = opening
  const { rootVolume: isRootAllowed = false } = settings
  const collector = settings.collector === undefined ? collectorAmong(found, graph) : called(settings.collector)
  if (collector) checkRunning(collector.container, docker)
  const plans = backendPlans(graph)
  const words = described(settings.backends ?? {}, plans, graph)
  const files = collector ? plans.filter(plan => fileOf(plan) !== undefined && !words.has(plan)) : []
  const behind = plans
    .filter(plan => !files.includes(plan))
    .map(plan => {
      const said = words.get(plan) ?? {}
      return { plan, said, is: said.container === undefined ? containerOf(plan, found, collector) : called(said.container) }
    })
  for (const { is } of behind) checkRunning(is.container, docker)
  const { traffic, over, metrics } = await waysIn(settings, collector, docker.engine.isLocal, host)
  const scrape = async () => {
    const reply = await host.network.request({ method: 'GET', url: metrics, timeoutMs: SCRAPE_TIMEOUT_MS })
    return reply.kind === 'answer' ? parsePrometheus(new TextDecoder().decode(reply.body)) : []
  }
  if ((await scrape()).length === 0) {
    const hint = 'Does the collector serve them there? `metrics` under `docker` in failoverctl.yaml names another address.'
    throw new FailoverctlError('no-answer', `no metrics at ${redactUrl(metrics)}`, hint)
  }
  const backends: (ContainerBackend | FileLevel)[] = []
  for (const { plan, said, is } of behind) {
    const source = await witnessOf(plan, said, is, { ...opening, scrape })
    await source.begin()
    const { container } = is
    const network = await networkOf(container, endpointFor(plan, collector?.graph), run, docker, host)
    const exporters = plan.exporters.map(({ id }) => id)
    const volume = await volumeOf(is, isRootAllowed, docker, host)
    backends.push(new ContainerBackend({ name: plan.name, exporters, container, network, volume, source }, docker, host))
  }
  for (const plan of files.filter(plan => takesTraces(graph, plan))) {
    const file = await fileInContainer((collector as Found).container, fileOf(plan) ?? '', opening.folder, docker, host)
    const source = fileSource(file, run)
    await source.begin()
    backends.push(new FileLevel(plan, source, host))
  }
  const ends = new AbortController()
  const watching = lookOn(backends, POLL_MS, host.clock, ends.signal)
  const slowestMs = Math.max(...backends.map(({ source }) => source.knowsWithinMs))
  const untouched = none('its own packets are those of every backend: name a backend', run)
  const collectorSubject = async (is: Found) => {
    const volume = await volumeOf(is, isRootAllowed, docker, host)
    return new ContainerSubject({ name: 'collector', container: is.container, network: untouched, volume }, docker, host)
  }
  return {
    name,
    metricsUrl: redactUrl(metrics),
    backends,
    ...(collector && { collector: await collectorSubject(collector) }),
    trafficUrl: traffic,
    trafficOver: over,
    quietMs: slowestMs + QUIET_MS,
    noticedWithinMs: slowestMs,
    notes: [
      `what arrives is known late: times to the first span by up to ${slowestMs / 1000} s`,
      ...backends.flatMap(backend => (backend.source.note ? [`${backend.name} ${backend.source.note}`] : [])),
    ],
    scrape,
    async close() {
      ends.abort()
      await watching
      for (const { source } of backends) await source.close()
      await opening.removeFolder()
    },
  }
}
