import type { Graph } from '../../collector/graph.ts'
import { sleep } from '../../core/clock.ts'
import { FailoverctlError } from '../../core/errors.ts'
import type { Host } from '../../core/host.ts'
import type { ProcessId, ProcessSignal } from '../../core/processes.ts'
import { parsePrometheus } from '../../metrics/prometheus.ts'
import { redactUrl } from '../../otlp/destination.ts'
import { backendsCalled } from '../../outage/backend-names.ts'
import { type BackendPlan, groupByBackend } from '../../outage/backends.ts'
import { exportersOf } from '../../outage/expected-level.ts'
import { Arrivals } from '../arrivals.ts'
import { ENDS_WITHIN_MS, endedWithin, type Inverse, perform, readPid } from '../inverse.ts'
import type { Deed, Prepared, Target, TargetBackend } from '../target.ts'

/** A collector and its backends that run on this machine already, as the project file describes them. */
export interface ProcessSettings {
  /** Base address of the collector's OTLP/HTTP receiver. */
  readonly traffic: string
  /** Its Prometheus endpoint. */
  readonly metrics: string
  /** By any name that a backend has. */
  readonly backends: Readonly<Record<string, BackendProcess>>
}

export interface BackendProcess {
  /** How it is started again: a program that stays in the foreground, and its arguments. */
  readonly start: readonly string[]
  /** Holds the number of its process; written anew when it is started again. */
  readonly pidFile: string
  /** What its file exporter writes, as JSON lines: the witness of what has arrived. */
  readonly arrivals: string
}

const SCRAPE_TIMEOUT_MS = 2000
/** A file exporter writes once a second (contrib 0.161, flush_interval). */
const FLUSH_MS = 1000
const POLL_MS = 100

/** Throws where something that the project file names is not there, before anything is made to fail. */
export async function processTarget(settings: ProcessSettings, graph: Graph, run: string, host: Host): Promise<Target> {
  const plans = describedPlans(settings, graph)
  const backends: ProcessBackend[] = []
  for (const [plan, described] of plans) {
    const backend = new ProcessBackend(plan, described, run, host)
    await backend.check()
    backends.push(backend)
  }
  const scrape = async () => {
    const reply = await host.network.request({ method: 'GET', url: settings.metrics, timeoutMs: SCRAPE_TIMEOUT_MS })
    return reply.kind === 'answer' ? parsePrometheus(new TextDecoder().decode(reply.body)) : []
  }
  if ((await scrape()).length === 0) {
    throw new FailoverctlError(
      'no-answer',
      `no metrics at ${redactUrl(settings.metrics)}`,
      'Is the collector running? process.metrics names it.',
    )
  }
  const ends = new AbortController()
  const watching = watch(backends, host, ends.signal)
  return {
    name: 'processes on this machine',
    metricsUrl: redactUrl(settings.metrics),
    backends,
    trafficUrl: settings.traffic,
    trafficOver: 'http',
    quietMs: 3 * FLUSH_MS,
    notes: [
      `arrivals are read from files that are written once a second: times to the first span are late by up to ${FLUSH_MS / 1000} s`,
    ],
    scrape,
    async close() {
      ends.abort()
      await watching
    },
  }
}

async function watch(backends: readonly ProcessBackend[], { clock }: Host, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    for (const backend of backends) await backend.look().catch(() => {})
    await sleep(clock, POLL_MS, signal).catch(() => {})
  }
}

/** Each described process with its place in the config. What a backend without a description takes could not be counted. */
function describedPlans({ backends }: ProcessSettings, graph: Graph): [BackendPlan, BackendProcess][] {
  const concerned = new Set(graph.failovers.flatMap(({ levels }) => levels.flatMap(exportersOf)))
  const plans = groupByBackend([...graph.components.exporters.values()].filter(({ id }) => concerned.has(id)))
  const named = plans.map(plan => ({ ...plan, plan, exporters: plan.exporters.map(({ id }) => id) }))
  const described = new Map<BackendPlan, BackendProcess>()
  for (const [word, program] of Object.entries(backends)) {
    for (const { plan } of backendsCalled(word, named, graph.failovers)) described.set(plan, program)
  }
  const missing = plans.find(plan => !described.has(plan))
  if (!missing) return [...described]
  throw new FailoverctlError(
    'wrong-use',
    `process.backends does not describe ${missing.name}: what arrives there could not be counted`,
    'schemas/project.schema.json says how a process is described.',
  )
}

class ProcessBackend implements TargetBackend {
  readonly name: string
  readonly exporters: readonly string[]
  readonly can: ReadonlySet<Deed> = new Set(['stop', 'kill', 'pause'])
  #plan: BackendPlan
  #described: BackendProcess
  #host: Host
  #arrivals: Arrivals
  #markedFrom = Number.POSITIVE_INFINITY
  #firstAt: number | undefined

  constructor(plan: BackendPlan, described: BackendProcess, run: string, host: Host) {
    this.name = plan.name
    this.exporters = plan.exporters.map(({ id }) => id)
    this.#plan = plan
    this.#described = described
    this.#host = host
    this.#arrivals = new Arrivals(described.arrivals, run, host.disk)
  }

  async check(): Promise<void> {
    await this.#running()
    await this.#arrivals.skipToEnd()
  }

  async prepare(deed: Deed): Promise<Prepared> {
    const was = await this.#running()
    const inverse = this.#inverseOf(deed, was)
    return {
      inverse,
      inject: () => (deed === 'pause' ? this.#send(was, 'SIGSTOP') : this.#end(was, deed === 'stop' ? 'SIGTERM' : 'SIGKILL')),
      undo: async () => {
        // What the old process has written is counted before the new one may empty the file.
        await this.#arrivals.read()
        await perform(inverse, this.#host)
      },
    }
  }

  #inverseOf(deed: Deed, was: ProcessId): Inverse {
    if (deed === 'pause') return { do: 'resume', process: was }
    const { start: argv, pidFile } = this.#described
    const { endpoint } = this.#plan
    const listens = endpoint && endpoint.port > 0 ? { host: endpoint.host, port: endpoint.port } : undefined
    return { do: 'start', argv, was, pidFile, log: `.failoverctl/${this.name.replaceAll('/', '-')}.log`, listens }
  }

  mark(fromSequence: number): void {
    this.#markedFrom = fromSequence
    this.#firstAt = undefined
  }

  firstArrival = () => this.#firstAt

  async witness() {
    await this.look()
    return this.#arrivals.witness
  }

  async look(): Promise<void> {
    await this.#arrivals.read()
    if (this.#arrivals.witness.seen.highest >= this.#markedFrom) this.#firstAt ??= this.#host.clock.now()
  }

  async #end(victim: ProcessId, signal: ProcessSignal): Promise<void> {
    await this.#send(victim, signal)
    if (await endedWithin(ENDS_WITHIN_MS, victim, this.#host)) return
    throw new FailoverctlError('no-process', `process ${victim.pid} of ${this.name} does not end`, `It was sent ${signal}.`)
  }

  // To the process for which the undo is written down, and to no other.
  async #send(victim: ProcessId, signal: ProcessSignal): Promise<void> {
    if (await this.#host.processes.signal(victim, signal)) return
    throw new FailoverctlError('no-process', `process ${victim.pid} of ${this.name} is gone`)
  }

  async #running(): Promise<ProcessId> {
    const { pidFile } = this.#described
    const pid = await readPid(pidFile, this.#host)
    const found = await this.#host.processes.find(pid)
    if (found) return found
    throw new FailoverctlError('no-process', `process ${pid} of ${this.name} (${pidFile}) does not run`, 'Start it first.')
  }
}
