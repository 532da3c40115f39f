import { FailoverctlError } from '../../core/errors.ts'
import type { Host } from '../../core/host.ts'
import { failoverEventText } from '../../failover/event-text.ts'
import type { FailoverEvent } from '../../failover/events.ts'
import { Backend } from '../../lab/backend.ts'
import { proxyLevel } from '../../metrics/level.ts'
import { parsePrometheus } from '../../metrics/prometheus.ts'
import { type ListenerConfig, loadProxyConfig } from '../../proxy/config.ts'
import { type RunningProxy, startProxy } from '../../proxy/proxy.ts'
import type { Target, TargetEvent } from '../target.ts'
import { embeddedBackend } from './embedded-backend.ts'
import { asGraph, exporterFor } from './proxy/as-graph.ts'

const LOOPBACK = '127.0.0.1'
const SCRAPE_TIMEOUT_MS = 2000
/** Of one attempt, where neither the file nor the engine says so. */
const ATTEMPT_MS = 30_000
const FAIL_BACK_MS = 30_000

/**
 * The proxy that a file describes, embedded, with embedded backends in place of its endpoints: its first listener takes the traffic.
 * They end with this process, so their faults need no undo on disk. Throws `bad-proxy-file`, and `wrong-use` without endpoints.
 */
export async function proxyTarget(file: string, run: string, host: Host): Promise<Target> {
  const { listeners, drainMs } = await loadProxyConfig(file, host.files)
  const [listener] = listeners
  if (!listener || listener.endpoints.length === 0) {
    const hint = 'Write some in place of `discovery`: the backends of an experiment are embedded, nobody can discover them.'
    throw new FailoverctlError('wrong-use', `${file}: its first listener names no endpoints`, hint)
  }
  const backends = await openBackends(listener, run, host)
  const events: TargetEvent[] = []
  const tell = (name: string, event: FailoverEvent) => {
    // One that fails for each request would hide the others.
    if (event.type !== 'request-failed') events.push({ at: host.clock.now(), source: name, text: failoverEventText(event) })
  }
  const admin = { host: LOOPBACK, port: 0 }
  const proxy = await startProxy({ admin, drainMs, listeners: [embedded(listener, backends)] }, host, tell).catch(async error => {
    await closeAll(backends)
    throw error
  })
  const [door] = proxy.doors
  const metricsUrl = `http://${LOOPBACK}:${proxy.adminPort}/metrics`
  const { engine } = listener
  const graph = await asGraph({
    name: listener.name,
    endpoints: door?.manager.endpoints().map(({ endpoint: { id }, level }) => ({ id, level })) ?? [],
    failBackMs: Math.min(engine.failBackMs ?? FAIL_BACK_MS, 3_600_000),
    timeoutMs: engine.attemptTimeoutMs ?? engine.timeoutMs ?? ATTEMPT_MS,
  })
  return {
    name: 'the embedded proxy',
    graph,
    sharesLevels: true,
    backends: backends.map(embeddedBackend),
    trafficUrl: `http://${LOOPBACK}:${door?.port}`,
    trafficOver: listener.protocol,
    notes: notesOn(listener, listeners.length),
    metricsUrl,
    level: samples => proxyLevel(samples, listener.name),
    events: () => events,
    async scrape() {
      const reply = await host.network.request({ method: 'GET', url: metricsUrl, timeoutMs: SCRAPE_TIMEOUT_MS })
      return reply.kind === 'answer' ? parsePrometheus(new TextDecoder().decode(reply.body)) : []
    },
    close: () => close(proxy, backends),
  }
}

/** It listens on a free port, in plain, and its endpoints are the backends. */
function embedded(listener: ListenerConfig, backends: readonly Backend[]): ListenerConfig {
  const portOf = (id: string) => backends.find(({ name }) => name === id)?.address?.port
  const endpoints = listener.endpoints.map(endpoint => ({ ...endpoint, url: `http://${LOOPBACK}:${portOf(nameOf(endpoint))}` }))
  const named = endpoints.map((endpoint, index) => ({ ...endpoint, id: nameOf(listener.endpoints[index] ?? endpoint) }))
  return {
    ...listener,
    endpoints: named,
    discovery: [],
    listen: { host: LOOPBACK, port: 0 },
    tls: undefined,
    upstreamTls: undefined,
  }
}

async function openBackends(listener: ListenerConfig, run: string, host: Host): Promise<Backend[]> {
  const opened: Backend[] = []
  try {
    for (const endpoint of listener.endpoints) {
      const name = nameOf(endpoint)
      const address = { host: LOOPBACK, port: 0 }
      const backend = new Backend(
        { name, exporters: [exporterFor(name)], run, wire: listener.protocol, address, store: undefined },
        host,
      )
      await backend.open()
      opened.push(backend)
    }
  } catch (error) {
    await closeAll(opened)
    throw error
  }
  return opened
}

const nameOf = ({ id, url }: { readonly id?: string; readonly url: string }) => id ?? new URL(url).host

function notesOn({ name, tls, upstreamTls }: ListenerConfig, listeners: number): string[] {
  return [
    ...(listeners > 1 ? [`only its first listener, ${name}, takes traffic`] : []),
    ...(tls || upstreamTls ? ['TLS is left out: everything is on this machine'] : []),
  ]
}

const closeAll = (backends: readonly Backend[]) => Promise.all(backends.map(backend => backend.close()))

async function close(proxy: RunningProxy, backends: readonly Backend[]): Promise<void> {
  await proxy.drain()
  await closeAll(backends)
}
