import { type Clock, sleep } from '../../core/clock.ts'
import type { ExchangeReply, Files, Network } from '../../core/host.ts'
import { inPieces, wholeText } from '../../core/pieces.ts'
import type { Random } from '../../core/random.ts'
import { retryAfterMs } from '../../otlp/reply.ts'
import type { Provider } from '../discovery.ts'
import type { EndpointSettings } from '../endpoint.ts'
import { jsonLines } from './json-lines.ts'
import { AskFailed, keepAsking } from './keep-asking.ts'
import { type Cluster, type KubeSettings, readCluster } from './kubeconfig.ts'

export interface KubernetesSettings extends KubeSettings {
  readonly service: string
  /** That of the context, or of the pod. */
  readonly namespace?: string
  /** Name or number of the service's port; its first one. */
  readonly port?: string | number
  readonly scheme?: 'http' | 'https'
}

interface World {
  readonly clock: Clock
  readonly random: Random
  readonly network: Pick<Network, 'exchange'>
  readonly files: Pick<Files, 'read' | 'exists'>
  readonly env: Readonly<Record<string, string | undefined>>
}

/** What is read of an EndpointSlice (discovery.k8s.io/v1). */
interface Slice {
  readonly metadata: { readonly name: string; readonly resourceVersion?: string }
  readonly endpoints?: readonly SliceEndpoint[] | null
  readonly ports?: readonly { readonly name?: string | null; readonly port?: number }[] | null
}

interface SliceEndpoint {
  readonly addresses: readonly string[]
  readonly conditions?: { readonly ready?: boolean; readonly terminating?: boolean }
  readonly zone?: string
  readonly targetRef?: { readonly name?: string }
}

interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  readonly object: Slice & { readonly code?: number; readonly message?: string }
}

/** A watch that ends at once is not begun again in a rush. */
const LEAST_MS = 100

/** The server ends a watch after this; the next one goes on from there. */
const WATCH_SECONDS = 300

/** The pods behind a service: its EndpointSlices, listed once and then watched. */
export function kubernetesProvider(settings: KubernetesSettings, world: World): Provider {
  const { service, scheme = 'http', port } = settings
  return {
    name: `kubernetes:${service}`,
    run(report, signal) {
      const slices = new Map<string, Slice>()
      let version = ''
      const tell = () => report.found(endpointsOf([...slices.values()], scheme, port))

      const list = async (ask: Ask) => {
        const reply = await ask('')
        const { items, metadata } = await wholeList(reply)
        slices.clear()
        for (const slice of items) slices.set(slice.metadata.name, slice)
        version = metadata.resourceVersion
        tell()
      }
      const watch = async (ask: Ask) => {
        const wish = `&watch=1&allowWatchBookmarks=true&timeoutSeconds=${WATCH_SECONDS}&resourceVersion=${version}`
        const reply = await ask(wish)
        for await (const change of jsonLines(inPieces(reply.body))) {
          const { type, object } = change as Change
          if (type === 'ERROR') throw new AskFailed(`Kubernetes: ${object.message ?? `status ${object.code}`}`)
          version = object.metadata.resourceVersion ?? version
          if (type === 'BOOKMARK') continue
          if (type === 'DELETED') slices.delete(object.metadata.name)
          else slices.set(object.metadata.name, object)
          tell()
        }
      }
      const round = async () => {
        const ask = asker(settings, await readCluster(settings, world), world, signal)
        try {
          if (version === '') await list(ask)
          await watch(ask)
          await sleep(world.clock, LEAST_MS, signal)
        } catch (error) {
          // The version may be too old by now (410), or from before a restart.
          version = ''
          throw error
        }
      }
      return keepAsking(round, report, world, signal)
    },
  }
}

type Answer = Extract<ExchangeReply, { kind: 'answer' }>
type Ask = (query: string) => Promise<Answer>

function asker(settings: KubernetesSettings, cluster: Cluster, { clock, network }: World, signal: AbortSignal): Ask {
  const namespace = encodeURIComponent(settings.namespace ?? cluster.namespace)
  const label = encodeURIComponent(`kubernetes.io/service-name=${settings.service}`)
  const path = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices?labelSelector=${label}`
  return async query => {
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
    if (reply.status === 200) return reply
    reply.discard()
    const why = REFUSALS.get(reply.status) ?? ''
    const after = reply.headers['retry-after']
    throw new AskFailed(
      `Kubernetes: HTTP status ${reply.status}${why}`,
      typeof after === 'string' ? retryAfterMs(after, clock.epochMs()) : 0,
    )
  }
}

const REFUSALS = new Map([
  [401, ', the credentials are not valid'],
  [403, ', the credentials do not allow to list and watch endpointslices'],
])

async function wholeList({ body }: Answer): Promise<{ items: Slice[]; metadata: { resourceVersion: string } }> {
  return JSON.parse(await wholeText(body))
}

/** A pod that is not ready is known and unhealthy; one that ends is none any more. In two slices at once it counts once. */
export function endpointsOf(slices: readonly Slice[], scheme: string, wanted: string | number | undefined): EndpointSettings[] {
  const byId = new Map<string, EndpointSettings>()
  for (const { endpoints, ports } of slices) {
    const port = ports?.find(({ name, port }) => wanted === undefined || name === wanted || port === Number(wanted))?.port
    if (port === undefined) continue
    for (const one of endpoints ?? []) {
      const made = endpointOf(one, scheme, port)
      if (made?.id !== undefined && !byId.has(made.id)) byId.set(made.id, made)
    }
  }
  return [...byId.values()]
}

function endpointOf({ addresses, conditions, zone, targetRef }: SliceEndpoint, scheme: string, port: number) {
  const [address] = addresses
  if (address === undefined || conditions?.terminating) return undefined
  const settings: EndpointSettings = {
    id: `${targetRef?.name ?? address}:${port}`,
    url: `${scheme}://${address.includes(':') ? `[${address}]` : address}:${port}`,
    health: conditions?.ready === false ? 'unhealthy' : 'healthy',
    ...(zone === undefined ? {} : { zone }),
  }
  return settings
}
