import type { Component, Graph } from '../collector/graph.ts'
import { asText } from '../collector/settings.ts'
import { FailoverctlError } from '../core/errors.ts'
import type { Address, Host, HttpHandler } from '../core/host.ts'
import { exposition } from '../metrics/exposition.ts'
import { buildCollector } from '../model/build.ts'
import type { Store } from '../sink/ledger.ts'
import { jsonLines } from '../sink/store.ts'
import { lookup } from '../source/value.ts'
import { Backend } from './backend.ts'
import { Doors } from './doors.ts'
import { Gateway, type ReceiverLabels } from './gateway.ts'
import { grpcOutlet, httpOutlet, localOutlet, type Outlet } from './outlet.ts'
import {
  addressLabels,
  groupByBackend,
  healthCheckOf,
  LOOPBACK,
  receiverNotes,
  receiversOf,
  storageNotes,
  wireNotes,
  wireOf,
} from './plan.ts'
import { serveReceiver } from './receivers.ts'

export interface LabSettings {
  readonly graph: Graph
  /** Let the system choose every port, so that two labs never collide; otherwise the config's own ports are used. */
  readonly freePorts: boolean
  readonly seed: number
  /** The run whose spans the backends count one by one. */
  readonly run: string
  /** Under it the file exporters write; a `path` is never used as it is. */
  readonly folder: string
}

export interface RunningReceiver extends ReceiverLabels {
  /** As the config calls it. */
  readonly protocol: string
  /** `http://127.0.0.1:4318`, for gRPC too. */
  readonly url: string
}

/** The embedded collectors: a gateway that runs the config's model, and a backend for each place it sends to. */
export interface Lab {
  /** Where a sender sends, by receiver. */
  readonly receivers: readonly RunningReceiver[]
  readonly metricsUrl: string
  readonly healthUrl: string | undefined
  readonly backends: readonly Backend[]
  /** The collector itself: it can die on the spot, and be started again with what its queues had on the disk. */
  readonly collector: { crash(): Promise<void>; restart(): Promise<void> }
  /** Where the lab is not what the config says, in sentences. */
  readonly notes: readonly string[]
  close(): Promise<void>
}

export async function startLab(settings: LabSettings, host: Pick<Host, 'clock' | 'network' | 'files'>): Promise<Lab> {
  const { graph } = settings
  const { collector, exporters: used, queues, notes } = buildCollector(graph, settings.seed)
  const open: { close(): Promise<void> | void }[] = []
  const ports = portChooser(settings.freePorts)
  const doors = new Doors()
  const serve = (address: Address, handle: HttpHandler): Promise<number> =>
    doors.open(address, own => host.network.listen(own, handle))

  try {
    // Receivers first: in a collision of ports the side that senders know keeps its own.
    const receiverPlans = receiversOf(graph).map(plan => ({
      ...plan,
      address: ports.choose(`receiver ${plan.receiver} (${plan.protocol})`, plan.address),
    }))
    const backends = groupByBackend(used).map(({ name, exporters, endpoint }) => {
      const store = exporters.some(({ type }) => type === 'file')
        ? fileStore(exporters[0] as Component, settings.folder, host)
        : undefined
      const wire = exporters.some(exporter => wireOf(exporter) === 'grpc') ? 'grpc' : 'http'
      const address = endpoint && ports.choose(`backend ${name}`, endpoint)
      const ids = exporters.map(({ id }) => id)
      return new Backend({ name, exporters: ids, run: settings.run, wire, address, store }, host)
    })
    const gateway = new Gateway({
      collector,
      clock: host.clock,
      outlets: new Map(used.map(exporter => [exporter.id, outletOf(exporter, backends, host)])),
      labels: new Map(used.map(exporter => [exporter.id, addressLabels(exporter)])),
      queues,
      version: graph.version.text,
    })
    open.push(gateway, doors)
    const announce = () => {
      for (const { component } of graph.failovers) if (collector.nodes.has(component.id)) gateway.announce(component.id)
    }
    announce()

    const receivers: RunningReceiver[] = []
    for (const { address, ...plan } of receiverPlans) {
      const port = await doors.open(address, own => serveReceiver(plan, own, gateway, host.network))
      receivers.push({ ...plan, url: `http://${LOOPBACK}:${port}` })
    }
    for (const backend of backends) {
      await backend.open()
      open.push(backend)
    }
    const metricsText: HttpHandler = ({ path }) =>
      path === '/metrics'
        ? {
            status: 200,
            headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
            body: exposition(gateway.samples()),
          }
        : { status: 404 }
    const wanted = graph.telemetry.metrics && { host: LOOPBACK, port: graph.telemetry.metrics.port }
    const metricsPort = await serve(ports.choose('metrics', wanted), metricsText)
    const health = healthCheckOf(graph)
    const healthy: HttpHandler = ({ path }) =>
      path === health?.path
        ? { status: 200, headers: { 'content-type': 'application/json' }, body: '{"status":"Server available"}' }
        : { status: 404 }
    const healthPort = health && (await serve(ports.choose('health_check', health.address), healthy))

    return {
      receivers,
      metricsUrl: `http://${LOOPBACK}:${metricsPort}/metrics`,
      healthUrl: health && `http://${LOOPBACK}:${healthPort}${health.path}`,
      backends,
      collector: {
        crash: async () => {
          gateway.crash()
          await doors.close()
        },
        restart: async () => {
          gateway.restart()
          announce()
          await doors.reopen()
        },
      },
      notes: [...notes, ...storageNotes(queues), ...wireNotes(used), ...receiverNotes(graph), ...ports.notes()],
      close: () => closeAll(open),
    }
  } catch (error) {
    await closeAll(open)
    throw error
  }
}

async function closeAll(open: { close(): Promise<void> | void }[]): Promise<void> {
  for (const part of open.splice(0).reverse()) await part.close()
}

/** Free ports, or the config's own with a free one where the config uses a port twice. */
function portChooser(freePorts: boolean) {
  const taken = new Set<number>()
  const moved: string[] = []
  return {
    choose(what: string, wanted: Address | undefined): Address {
      if (freePorts || !wanted || wanted.port === 0) return { host: LOOPBACK, port: 0 }
      if (taken.has(wanted.port)) {
        moved.push(`${what} has a free port: the config uses ${wanted.port} for something else, on another machine perhaps`)
        return { host: LOOPBACK, port: 0 }
      }
      taken.add(wanted.port)
      return { host: LOOPBACK, port: wanted.port }
    },
    notes: () => moved,
  }
}

function outletOf(exporter: Component, backends: readonly Backend[], host: Pick<Host, 'clock' | 'network'>): Outlet {
  const backend = backends.find(({ exporters }) => exporters.includes(exporter.id)) as Backend
  const wire = wireOf(exporter)
  if (wire === 'http') return httpOutlet(backend, host.network, host.clock)
  return wire === 'grpc' ? grpcOutlet(backend, host.network) : localOutlet(backend, wire === 'file')
}

/** The file exporter's JSON lines, in the lab's own folder. */
function fileStore(exporter: Component, folder: string, host: Pick<Host, 'files'>): Store {
  const path = asText(lookup(exporter.settings, 'path')) ?? exporter.id
  return jsonLines(`${folder}/${path.replace(/^(\.*\/)+|\.\.\//g, '')}`, host.files)
}

/** The receiver that feeds traces to the failover connector, or to any pipeline where there is none: an experiment sends there. HTTP before gRPC. */
export function trafficReceiver(lab: Lab, graph: Graph): RunningReceiver {
  const { failovers, pipelines } = graph
  const sources = failovers.length > 0 ? failovers.flatMap(failover => failover.sources) : [...pipelines.values()]
  const feeding = sources.filter(({ signal }) => signal === 'traces').flatMap(({ receivers }) => receivers.map(({ id }) => id))
  const found = lab.receivers.find(({ receiver }) => feeding.includes(receiver))
  if (found) return found
  const where = failovers.length > 0 ? 'the failover connector' : 'a pipeline'
  throw new FailoverctlError(
    'not-embedded',
    `no receiver feeds traces to ${where}`,
    `The experiment sends traces; give ${where} a traces pipeline with an otlp receiver.`,
  )
}
