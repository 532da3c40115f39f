import type { Host } from '../../../core/host.ts'
import { parsePrometheus, type Sample } from '../../../metrics/prometheus.ts'
import type { BackendPlan } from '../../../outage/backends.ts'
import type { Docker } from '../../../platforms/docker.ts'
import { Counters } from '../../counters.ts'
import { addressFromHere } from './addresses.ts'
import { fileHere, fileInContainer, fileOfTraces } from './arrival-files.ts'
import { type ArrivalSource, counterSource, fileSource } from './arrival-source.ts'
import type { Found } from './running-config.ts'

/** What a person says about it. */
export interface DescribedArrivals {
  /** A file on this machine: what its file exporter writes, as JSON lines. */
  readonly arrivals?: string | undefined
  /** The same as a path in the container. */
  readonly arrivalsInContainer?: string | undefined
}

interface Surroundings {
  readonly run: string
  /** Where copies may be kept. */
  folder(): Promise<string>
  readonly docker: Docker
  readonly host: Host
  /** Of the collector under test. */
  scrape(): Promise<readonly Sample[]>
}

const SCRAPE_TIMEOUT_MS = 2000

/** The best witness that there is: a file that is named, the file exporter of its config, its own metrics, or what its senders say. */
export async function witnessOf(
  plan: BackendPlan,
  { arrivals, arrivalsInContainer }: DescribedArrivals,
  { container, graph, why }: Found,
  { run, folder, docker, host, scrape }: Surroundings,
): Promise<ArrivalSource> {
  if (arrivals !== undefined) return fileSource(fileHere(arrivals, host), run)
  const inContainer = async (path: string) => fileSource(await fileInContainer(container, path, folder, docker, host), run)
  if (arrivalsInContainer !== undefined) return inContainer(arrivalsInContainer)
  const file = graph ? fileOfTraces(graph) : { why }
  if ('path' in file) return inContainer(file.path)
  const none = `has no file that tells which spans came (${file.why})`
  const port = graph?.telemetry.metrics?.port
  const address = port === undefined ? undefined : addressFromHere(container, port, docker.engine.isLocal)
  const own = address && (() => metricsAt(`http://${address.host}:${address.port}/metrics`, host))
  // The port of another one on the same network answers, too: only a receiver's counters are a witness.
  if (own && container.networkMode !== 'host' && (await own().catch(() => [])).length > 0) {
    return counterSource(new Counters(own, host.clock), `${none}: it is counted by its own metrics`)
  }
  const exporters = plan.exporters.map(({ id }) => id)
  const because = `is counted by what ${exporters.join(', ')} has sent and it has acknowledged, which does not prove that it was kept`
  return counterSource(
    new Counters(async () => sentAsAccepted(await scrape(), exporters), host.clock),
    `${none}: it ${because}`,
    because,
  )
}

async function metricsAt(url: string, { network }: Host): Promise<readonly Sample[]> {
  const reply = await network.request({ method: 'GET', url, timeoutMs: SCRAPE_TIMEOUT_MS })
  return reply.kind === 'answer' ? parsePrometheus(new TextDecoder().decode(reply.body)) : []
}

const SENT = /^otelcol_exporter_sent_spans(?:_total)?$/
const UPTIME = /^otelcol_process_uptime/

/** What exporters have sent, as if it were what a receiver has accepted. */
export const sentAsAccepted = (samples: readonly Sample[], exporters: readonly string[]): Sample[] =>
  samples.flatMap(sample => {
    if (UPTIME.test(sample.name)) return [sample]
    const { exporter = '' } = sample.labels
    if (!SENT.test(sample.name) || !exporters.includes(exporter)) return []
    return [{ ...sample, name: sample.name.replace('exporter_sent', 'receiver_accepted'), labels: { receiver: exporter } }]
  })
