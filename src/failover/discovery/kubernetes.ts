import { type Clock, sleep } from '../../core/clock.ts'
import type { Files, Network } from '../../core/host.ts'
import { inPieces, wholeText } from '../../core/pieces.ts'
import type { Random } from '../../core/random.ts'
import type { Tools } from '../../core/tools.ts'
import type { Provider } from '../discovery.ts'
import type { EndpointSettings } from '../endpoint.ts'
import { ExecCredentials } from './exec-credential.ts'
import { jsonLines } from './json-lines.ts'
import { AskFailed, keepAsking } from './keep-asking.ts'
import type { KubeSettings } from './kubeconfig.ts'
import { type Connection, connected, WATCH_SECONDS } from './kubernetes-api.ts'

export interface KubernetesSettings extends KubeSettings {
  readonly service: string
  /** That of the context, or of the pod. */
  readonly namespace?: string
  /** Name or number of the service's port; its first one. */
  readonly port?: string | number
  readonly scheme?: 'http' | 'https'
  /** How the API is asked. By default directly, and by kubectl where only kubectl understands the kubeconfig. */
  readonly through?: 'api' | 'kubectl'
}

interface World {
  readonly clock: Clock
  readonly random: Random
  readonly network: Pick<Network, 'exchange'>
  readonly files: Pick<Files, 'read' | 'exists'>
  readonly env: Readonly<Record<string, string | undefined>>
  /** For kubectl, and for programs that a kubeconfig gets its credentials by. */
  readonly tools: Tools
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

interface SliceList {
  readonly items: readonly Slice[]
  readonly metadata: { readonly resourceVersion: string }
}

interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  readonly object: Slice & { readonly code?: number; readonly message?: string }
}

/** A watch that ends at once is not begun again in a rush. */
const LEAST_MS = 100

/** The pods behind a service: its EndpointSlices, listed once and then watched. */
export function kubernetesProvider(settings: KubernetesSettings, world: World): Provider {
  const { service, scheme = 'http', port } = settings
  return {
    name: `kubernetes:${service}`,
    run(report, signal) {
      const slices = new Map<string, Slice>()
      const credentials = new ExecCredentials(world)
      let version = ''
      const tell = () => report.found(endpointsOf([...slices.values()], scheme, port))

      const list = async (ask: Connection['ask']) => {
        const { items, metadata } = JSON.parse(await wholeText(await ask(''))) as SliceList
        slices.clear()
        for (const slice of items) slices.set(slice.metadata.name, slice)
        version = metadata.resourceVersion
        tell()
      }
      const watch = async (ask: Connection['ask']) => {
        const wish = `&watch=1&allowWatchBookmarks=true&timeoutSeconds=${WATCH_SECONDS}&resourceVersion=${version}`
        for await (const change of jsonLines(inPieces(await ask(wish)))) {
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
        const { ask, close } = await connected(settings, { ...world, credentials }, signal)
        try {
          if (version === '') await list(ask)
          await watch(ask)
          await sleep(world.clock, LEAST_MS, signal)
        } catch (error) {
          // The version may be too old by now (410), or from before a restart.
          version = ''
          if (error instanceof AskFailed && error.unknownCaller) credentials.forget()
          throw error
        } finally {
          await close()
        }
      }
      return keepAsking(round, report, world, signal)
    },
  }
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
