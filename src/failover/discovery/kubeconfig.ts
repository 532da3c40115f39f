import { FailoverctlError } from '../../core/errors.ts'
import type { Files, Tls } from '../../core/host.ts'
import { decodeText } from '../../source/decode-text.ts'
import { readYaml } from '../../source/read-yaml.ts'
import { plain } from '../../source/value.ts'
import type { ClusterInfo, ExecConfig, ExecCredentials } from './exec-credential.ts'

/** How to speak to an API server. The token is a secret. */
export interface Cluster {
  readonly server: string
  readonly namespace: string
  readonly tls: Tls
  readonly token: string | undefined
}

export interface KubeSettings {
  readonly kubeconfig?: string | undefined
  readonly context?: string | undefined
}

interface World {
  readonly files: Pick<Files, 'read' | 'exists'>
  readonly env: Readonly<Record<string, string | undefined>>
  /** For contexts that get their credentials by a program. */
  readonly credentials: ExecCredentials
}

/** A context that is well, and that only kubectl can use: `bad-kubeconfig` with what it is. */
export class OnlyKubectl extends FailoverctlError {
  constructor(path: string, what: string) {
    super('bad-kubeconfig', `${path}: ${what}`, 'kubectl is needed for it.')
  }
}

const IN_CLUSTER = '/var/run/secrets/kubernetes.io/serviceaccount'

/**
 * The kubeconfig that is named, in $KUBECONFIG (of several files the first that has a name counts) or in ~/.kube/config; without any, what a pod is given.
 * Read anew for each connection: tokens in a pod change. Throws `bad-kubeconfig`, and OnlyKubectl.
 */
export async function readCluster({ kubeconfig, context }: KubeSettings, world: World): Promise<Cluster> {
  const { files, env } = world
  const listed = env.KUBECONFIG?.split(':').filter(path => path !== '') ?? []
  const usual = `${env.HOME ?? ''}/.kube/config`
  if (kubeconfig !== undefined) return fromKubeconfigs([kubeconfig], context, world)
  if (listed.length > 0) return fromKubeconfigs(listed, context, world)
  if (await files.exists(usual)) return fromKubeconfigs([usual], context, world)
  if (env.KUBERNETES_SERVICE_HOST) return fromPod(env, files)
  throw bad('there is no kubeconfig, and this is no pod', 'Name one with kubeconfig or $KUBECONFIG.')
}

async function fromPod(env: World['env'], files: World['files']): Promise<Cluster> {
  const read = async (name: string) => decodeText(name, await files.read(`${IN_CLUSTER}/${name}`)).trim()
  const { KUBERNETES_SERVICE_HOST: host = '', KUBERNETES_SERVICE_PORT: port = '443' } = env
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    namespace: await read('namespace'),
    tls: { ca: await read('ca.crt'), verify: true },
    token: await read('token'),
  }
}

type Named<Kind extends string, T> = readonly ({ readonly name: string } & { readonly [K in Kind]?: T })[]
type User = Record<string, unknown> & { readonly exec?: ExecConfig }

/** What is read of a kubeconfig (k8s.io/client-go tools/clientcmd/api/v1). */
interface Kubeconfig {
  readonly 'current-context'?: string
  readonly contexts?: Named<'context', { cluster: string; user?: string; namespace?: string }>
  readonly clusters?: Named<'cluster', Record<string, unknown>>
  readonly users?: Named<'user', User>
}

async function fromKubeconfigs(
  paths: readonly string[],
  wanted: string | undefined,
  { files, credentials }: World,
): Promise<Cluster> {
  const all = await readAll(paths, files)
  const name = wanted ?? all.find(({ config }) => config['current-context'])?.config['current-context']
  const { context } = found(all, 'contexts', name) ?? {}
  if (!context) {
    const names = all.flatMap(({ config }) => config.contexts?.map(one => one.name) ?? [])
    throw bad(
      `${paths.join(', ')}: there is no context ${name ?? '(none is current)'}`,
      `There are ${names.length === 0 ? 'none' : names.join(', ')}.`,
    )
  }
  const { cluster, path: clusterPath = '' } = found(all, 'clusters', context.cluster) ?? {}
  if (typeof cluster?.server !== 'string') throw bad(`${paths.join(', ')}: context ${name} has no cluster with a server`)
  const { user = {} as User, path = clusterPath } = found(all, 'users', context.user) ?? {}
  const beyond =
    ['auth-provider', 'as', 'username'].find(field => user[field]) ?? (cluster['proxy-url'] ? 'proxy-url' : undefined)
  if (beyond) throw new OnlyKubectl(path, `context ${name} has ${beyond}`)
  const ca = await textsBeside(clusterPath, files)(cluster, 'certificate-authority')
  const text = textsBeside(path, files)
  const serverName = cluster['tls-server-name']
  // A token or a certificate in the file comes before a program (client-go, plugin/pkg/client/auth/exec).
  const own = typeof user.token === 'string' ? user.token : (await text(user, 'tokenFile'))?.trim()
  const certificate = { cert: await text(user, 'client-certificate'), key: await text(user, 'client-key') }
  const hasOwn = own !== undefined || certificate.cert !== undefined
  const given = hasOwn || !user.exec ? undefined : await credentials.of(user.exec, { path, cluster: infoOf(cluster, ca) })
  const { cert, key } = given ?? certificate
  return {
    server: cluster.server,
    namespace: context.namespace ?? 'default',
    tls: {
      ...(ca ? { ca } : {}),
      ...(cert ? { cert } : {}),
      ...(key ? { key } : {}),
      ...(typeof serverName === 'string' ? { serverName } : {}),
      verify: cluster['insecure-skip-tls-verify'] !== true,
    },
    token: given ? given.token : own,
  }
}

const infoOf = (cluster: Record<string, unknown>, ca: string | undefined): ClusterInfo => ({
  server: cluster.server as string,
  ...(typeof cluster['tls-server-name'] === 'string' ? { 'tls-server-name': cluster['tls-server-name'] } : {}),
  ...(cluster['insecure-skip-tls-verify'] === true ? { 'insecure-skip-tls-verify': true } : {}),
  ...(ca === undefined ? {} : { 'certificate-authority-data': btoa(ca) }),
})

/** A setting that stands in the file itself as base64 (`NAME-data`), or in another file, seen from the kubeconfig's folder. */
const textsBeside = (path: string, files: World['files']) => async (settings: Record<string, unknown>, name: string) => {
  const data = settings[`${name}-data`]
  if (typeof data === 'string') return atob(data)
  const file = settings[name]
  if (typeof file !== 'string') return undefined
  const beside = file.startsWith('/') ? file : `${path.replace(/[^/]*$/, '')}${file}`
  return decodeText(beside, await files.read(beside))
}

interface Read {
  readonly path: string
  readonly config: Kubeconfig
}

/** As kubectl does, of several files those that are not there are left out. */
async function readAll(paths: readonly string[], files: World['files']): Promise<Read[]> {
  const there = await Promise.all(paths.map(path => paths.length === 1 || files.exists(path)))
  const read = paths.filter((_, index) => there[index])
  return Promise.all(
    read.map(async path => ({
      path,
      config: (plain(readYaml(path, decodeText(path, await files.read(path)))) ?? {}) as Kubeconfig,
    })),
  )
}

/** The first of this name, with the file that it stands in. */
function found<Kind extends 'contexts' | 'clusters' | 'users'>(all: readonly Read[], kind: Kind, name: string | undefined) {
  for (const { path, config } of all) {
    const one = config[kind]?.find(entry => entry.name === name) as NonNullable<Kubeconfig[Kind]>[number] | undefined
    if (one) return { ...one, path }
  }
  return undefined
}

const bad = (message: string, hint?: string) => new FailoverctlError('bad-kubeconfig', message, hint)
