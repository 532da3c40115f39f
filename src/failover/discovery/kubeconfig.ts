import { FailoverctlError } from '../../core/errors.ts'
import type { Files, Tls } from '../../core/host.ts'
import { decodeText } from '../../source/decode-text.ts'
import { readYaml } from '../../source/read-yaml.ts'
import { plain } from '../../source/value.ts'

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
}

const IN_CLUSTER = '/var/run/secrets/kubernetes.io/serviceaccount'

/**
 * The kubeconfig that is named, in $KUBECONFIG (the first of its files) or in ~/.kube/config; without any, what a pod is given.
 * Read anew for each connection: tokens in a pod change. Throws `bad-kubeconfig`.
 */
export async function readCluster({ kubeconfig, context }: KubeSettings, { files, env }: World): Promise<Cluster> {
  const named = kubeconfig ?? env.KUBECONFIG?.split(':').find(path => path !== '')
  const usual = `${env.HOME ?? ''}/.kube/config`
  const path = named ?? ((await files.exists(usual)) ? usual : undefined)
  if (path !== undefined) return fromKubeconfig(path, context, files)
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

/** What is read of a kubeconfig (k8s.io/client-go tools/clientcmd/api/v1). */
interface Kubeconfig {
  readonly 'current-context'?: string
  readonly contexts?: Named<'context', { cluster: string; user?: string; namespace?: string }>
  readonly clusters?: Named<'cluster', Record<string, unknown>>
  readonly users?: Named<'user', Record<string, unknown>>
}

async function fromKubeconfig(path: string, wanted: string | undefined, files: World['files']): Promise<Cluster> {
  const config = (plain(readYaml(path, decodeText(path, await files.read(path)))) ?? {}) as Kubeconfig
  const name = wanted ?? config['current-context']
  const context = config.contexts?.find(one => one.name === name)?.context
  if (!context) throw bad(`${path}: there is no context ${name ?? '(none is current)'}`, `It has ${listed(config.contexts)}.`)
  const cluster = config.clusters?.find(one => one.name === context.cluster)?.cluster
  if (typeof cluster?.server !== 'string') throw bad(`${path}: context ${name} has no cluster with a server`)
  const user = config.users?.find(one => one.name === context.user)?.user ?? {}
  if (user.exec ?? user['auth-provider']) {
    throw bad(
      `${path}: context ${name} gets its credentials by running a program, which is not supported`,
      'Use a context with a token (kubectl create token) or a client certificate.',
    )
  }
  const text = textsBeside(path, files)
  const ca = await text(cluster, 'certificate-authority')
  const cert = await text(user, 'client-certificate')
  const key = await text(user, 'client-key')
  const serverName = cluster['tls-server-name']
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
    token: typeof user.token === 'string' ? user.token : (await text(user, 'tokenFile'))?.trim(),
  }
}

/** A setting that stands in the file itself as base64 (`NAME-data`), or in another file, seen from the kubeconfig's folder. */
const textsBeside = (path: string, files: World['files']) => async (settings: Record<string, unknown>, name: string) => {
  const data = settings[`${name}-data`]
  if (typeof data === 'string') return atob(data)
  const file = settings[name]
  if (typeof file !== 'string') return undefined
  const beside = file.startsWith('/') ? file : `${path.replace(/[^/]*$/, '')}${file}`
  return decodeText(beside, await files.read(beside))
}

const listed = (all: Kubeconfig['contexts']) => all?.map(({ name }) => name).join(', ') || 'none'

const bad = (message: string, hint?: string) => new FailoverctlError('bad-kubeconfig', message, hint)
