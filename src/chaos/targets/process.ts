import type { Graph } from '../../collector/graph.ts'
import { FailoverctlError } from '../../core/errors.ts'
import type { Address, Host } from '../../core/host.ts'
import { parsePrometheus } from '../../metrics/prometheus.ts'
import { redactUrl } from '../../otlp/destination.ts'
import type { Target } from '../target.ts'
import { fileHere } from './containers/arrival-files.ts'
import { fileSource } from './containers/arrival-source.ts'
import { backendPlans, describedPlans } from './described.ts'
import { FileLevel, fileOf, takesTraces } from './file-level.ts'
import { lookOn } from './look-on.ts'
import { ProcessBackend } from './process-backend.ts'
import { processCollector } from './process-collector.ts'
import type { ProcessSettings } from './process-settings.ts'

export type { ProcessSettings } from './process-settings.ts'

const SCRAPE_TIMEOUT_MS = 2000
/** A file exporter writes once a second (contrib 0.161, flush_interval). */
const FLUSH_MS = 1000
const POLL_MS = 100
const LATE = `arrivals are read from files that are written once a second: times to the first span are late by up to ${FLUSH_MS / 1000} s`

/** Throws where something that the project file names is not there, before anything is made to fail. */
export async function processTarget(settings: ProcessSettings, graph: Graph, run: string, host: Host): Promise<Target> {
  const plans = describedPlans(settings.backends, graph, 'process.backends', plan => fileOf(plan) !== undefined)
  const programs = plans.map(([plan, described]) => new ProcessBackend(plan, described, run, host))
  const names = new Set(programs.map(({ name }) => name))
  const files = backendPlans(graph).flatMap(plan => {
    const path = names.has(plan.name) ? undefined : fileOf(plan)
    return path === undefined || !takesTraces(graph, plan) ? [] : new FileLevel(plan, fileSource(fileHere(path, host), run), host)
  })
  const backends = [...programs, ...files]
  try {
    for (const program of programs) await program.check(settings)
    for (const { source } of files) await source.begin()
    return await opened(settings, backends, run, host)
  } catch (error) {
    for (const backend of backends) await backend.close()
    throw error
  }
}

type Backend = ProcessBackend | FileLevel

async function opened(settings: ProcessSettings, backends: readonly Backend[], run: string, host: Host): Promise<Target> {
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
  const collector =
    settings.collector && (await processCollector(settings.collector, addressOf(settings.traffic), run, settings.allowed, host))
  const proxied = Object.entries(settings.backends).flatMap(([name, { proxy }]) => (proxy ? [name] : []))
  const ends = new AbortController()
  const watching = lookOn(backends, POLL_MS, host.clock, ends.signal)
  return {
    name: 'processes on this machine',
    metricsUrl: redactUrl(settings.metrics),
    backends,
    ...(collector && { collector }),
    trafficUrl: settings.traffic,
    trafficOver: 'http',
    mayBeginLower: proxied.length > 0,
    quietMs: 3 * FLUSH_MS,
    noticedWithinMs: Math.max(...backends.map(({ source }) => source.knowsWithinMs)) + POLL_MS,
    notes: [
      ...proxied.map(
        name =>
          `the proxy before ${name} listens only while an experiment runs; until the collector has found it, it sends to a lower level`,
      ),
      ...backends.flatMap(({ name, source }) => (source.note === undefined ? [] : [`${name} ${source.note}`])),
      ...(Object.values(settings.backends).some(({ arrivals }) => arrivals !== undefined) ? [LATE] : []),
    ],
    scrape,
    async close() {
      ends.abort()
      await watching
      for (const backend of backends) await backend.close()
    },
  }
}

function addressOf(url: string): Address {
  const { hostname, port, protocol } = new URL(url)
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || (protocol === 'https:' ? 443 : 80) }
}
