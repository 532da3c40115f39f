import type { Clock } from '../../core/clock.ts'
import type { Body, Files, Network } from '../../core/host.ts'
import type { Tools } from '../../core/tools.ts'
import { retryAfterMs } from '../../otlp/reply.ts'
import { Kubectl } from '../../platforms/kubectl.ts'
import type { ExecCredentials } from './exec-credential.ts'
import { AskFailed } from './keep-asking.ts'
import { type Cluster, OnlyKubectl, readCluster } from './kubeconfig.ts'
import type { KubernetesSettings } from './kubernetes.ts'

/** The server ends a watch after this; the next one goes on from there. */
export const WATCH_SECONDS = 300

interface World {
  readonly clock: Clock
  readonly network: Pick<Network, 'exchange'>
  readonly files: Pick<Files, 'read' | 'exists'>
  readonly env: Readonly<Record<string, string | undefined>>
  readonly tools: Tools
  readonly credentials: ExecCredentials
}

export interface Connection {
  /** The EndpointSlices of the service: a list, or with a query that has `watch=1` their changes as they come. Throws AskFailed. */
  ask(query: string): Promise<Body>
  close(): Promise<void>
}

/** By what the kubeconfig says, or by kubectl: where that is wished, and where only kubectl understands it. */
export async function connected(settings: KubernetesSettings, world: World, signal: AbortSignal): Promise<Connection> {
  if (settings.through === 'kubectl') return byKubectl(settings, world, signal)
  try {
    return directly(settings, await readCluster(settings, world), world, signal)
  } catch (error) {
    if (error instanceof OnlyKubectl && settings.through === undefined) return byKubectl(settings, world, signal)
    throw error
  }
}

function pathOf(service: string, namespace: string): string {
  const label = encodeURIComponent(`kubernetes.io/service-name=${service}`)
  return `/apis/discovery.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/endpointslices?labelSelector=${label}`
}

function directly(settings: KubernetesSettings, cluster: Cluster, { clock, network }: World, signal: AbortSignal): Connection {
  const path = pathOf(settings.service, settings.namespace ?? cluster.namespace)
  return {
    close: async () => {},
    async ask(query) {
      const reply = await network.exchange({
        method: 'GET',
        url: `${cluster.server.replace(/\/$/, '')}${path}${query}`,
        headers: { accept: 'application/json', ...(cluster.token ? { authorization: `Bearer ${cluster.token}` } : {}) },
        tls: cluster.tls,
        // A quiet watch has a bookmark about once a minute, and its end after five.
        timeoutMs: query === '' ? 10_000 : (WATCH_SECONDS + 30) * 1000,
        signal,
      })
      if (reply.kind !== 'answer') throw new AskFailed(`Kubernetes: ${reply.reason}`)
      if (reply.status === 200) return reply.body
      reply.discard()
      const why = REFUSALS.get(reply.status) ?? ''
      const after = reply.headers['retry-after']
      throw new AskFailed(
        `Kubernetes: HTTP status ${reply.status}${why}`,
        typeof after === 'string' ? retryAfterMs(after, clock.epochMs()) : 0,
        reply.status === 401,
      )
    },
  }
}

const REFUSALS = new Map([
  [401, ', the credentials are not valid'],
  [403, ', the credentials do not allow to list and watch endpointslices'],
])

/** `kubectl get --raw` passes on what the server sends, as it comes. */
async function byKubectl(
  { kubeconfig, context, namespace, service }: KubernetesSettings,
  { tools }: World,
  signal: AbortSignal,
): Promise<Connection> {
  const kubectl = new Kubectl(tools, { kubeconfig, context, namespace })
  const path = pathOf(service, await kubectl.namespace())
  let stop = async () => {}
  return {
    close: () => stop(),
    async ask(query) {
      if (query === '') return new TextEncoder().encode(await kubectl.raw(path, { signal }))
      const watch = await tools.open(kubectl.words(['get', '--raw', `${path}${query}`]))
      const end = () => void watch.stop()
      signal.addEventListener('abort', end, { once: true })
      stop = async () => {
        signal.removeEventListener('abort', end)
        await watch.stop()
      }
      return linesOf(watch)
    },
  }
}

async function* linesOf({ lines, ended }: Awaited<ReturnType<Tools['open']>>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder()
  for await (const line of lines) yield encoder.encode(`${line}\n`)
  const { code, err } = await ended
  if (code !== 0 && code !== undefined) throw new AskFailed(`kubectl: ${err.trim().split('\n', 1)[0]}`)
}
