import type { ToolOptions, ToolRun, Tools } from '../core/tools.ts'
import { kubectlError } from './kubectl-errors.ts'
import { type ForwardedPort, type Forwarding, portForward } from './port-forward.ts'

/** Which cluster, as kubectl's own flags name it; what is left out comes from the kubeconfig. */
export interface KubectlSettings {
  readonly context?: string | undefined
  readonly namespace?: string | undefined
  /** Its file. Tokens stay in there: none is ever an argument. */
  readonly kubeconfig?: string | undefined
}

/** An object of the API as JSON. */
export interface KubeObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: Metadata
  readonly [field: string]: unknown
}

export interface Metadata {
  readonly name: string
  readonly namespace?: string
  readonly resourceVersion?: string
  readonly generation?: number
  readonly uid?: string
  readonly creationTimestamp?: string
  readonly deletionTimestamp?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly ownerReferences?: readonly { readonly kind: string; readonly name: string; readonly uid: string }[]
  readonly [field: string]: unknown
}

interface WriteOptions {
  /** The server checks all of it, admission included, and keeps nothing. */
  readonly dryRun?: boolean
}

const MANAGER = '--field-manager=failoverctl'
/** An answer within a request; the process gets a little longer, so that kubectl can say what was wrong. */
const REQUEST_MS = 20_000

/**
 * A client of a cluster, over the kubectl of this machine. Every failure is a FailoverctlError: `no-such-tool`, `no-answer`
 * (it may have been done), `no-access` (which verb on which resource), `no-such-object`, `conflict`, `too-large`, `bad-kubeconfig`.
 */
export class Kubectl {
  readonly settings: KubectlSettings
  #tools: Tools

  constructor(tools: Tools, settings: KubectlSettings = {}) {
    this.#tools = tools
    this.settings = settings
  }

  /** Of a name such as `configmap`, `statefulset`, `pods`, or `opentelemetrycollectors.opentelemetry.io`. Throws `no-such-object`. */
  async get<T extends KubeObject = KubeObject>(kind: string, name: string): Promise<T> {
    return JSON.parse(await this.#ask(`get ${kind}/${name}`, ['get', kind, name, '-o', 'json']))
  }

  /** Undefined where there is no such object. */
  async find<T extends KubeObject = KubeObject>(kind: string, name: string): Promise<T | undefined> {
    const text = await this.#ask(`get ${kind}/${name}`, ['get', kind, name, '--ignore-not-found', '-o', 'json'])
    return text.trim() === '' ? undefined : JSON.parse(text)
  }

  async list<T extends KubeObject = KubeObject>(kind: string, selector?: string): Promise<T[]> {
    const chosen = selector === undefined ? [] : ['--selector', selector]
    const text = await this.#ask(`list ${kind}`, ['get', kind, ...chosen, '-o', 'json'])
    return (JSON.parse(text) as { items?: T[] }).items ?? []
  }

  /** Throws `conflict` when it is there already. */
  create = (object: KubeObject, options: WriteOptions = {}): Promise<KubeObject> => this.#write('create', object, [], options)

  /** With its `resourceVersion` it replaces only what nobody has changed since it was read: `conflict` otherwise. */
  async replace(object: KubeObject, { dryRun }: WriteOptions = {}): Promise<KubeObject> {
    const { name, namespace = await this.namespace() } = object.metadata
    // Not by its own verb: that would write all of the object into the annotation that `kubectl apply` keeps.
    const path = `${pathOf(object)}/${name}?fieldManager=failoverctl${dryRun ? '&dryRun=All' : ''}`.replace(
      '{namespace}',
      namespace,
    )
    const words = ['replace', '--raw', path, '-f', '-']
    return JSON.parse(await this.#ask(`replace ${object.kind.toLowerCase()}/${name}`, words, { input: JSON.stringify(object) }))
  }

  /** Server-side apply. `force` takes fields over that others own. */
  apply = (object: KubeObject, options: WriteOptions & { readonly force?: boolean } = {}): Promise<KubeObject> =>
    this.#write('apply', object, ['--server-side', ...(options.force ? ['--force-conflicts'] : [])], options)

  async #write(verb: string, object: KubeObject, more: readonly string[], { dryRun }: WriteOptions): Promise<KubeObject> {
    const words = [verb, '-f', '-', ...more, MANAGER, ...(dryRun ? ['--dry-run=server'] : []), '-o', 'json']
    const what = `${verb} ${object.kind.toLowerCase()}/${object.metadata.name}`
    return JSON.parse(await this.#ask(what, words, { input: JSON.stringify(object) }))
  }

  /** The patch goes by standard input where it may hold secrets: a config has no place among the arguments. */
  async patch(kind: string, name: string, patch: unknown, type: 'merge' | 'json' | 'strategic' = 'merge'): Promise<KubeObject> {
    const words = ['patch', kind, name, '--type', type, '--patch-file', '/dev/stdin', MANAGER, '-o', 'json']
    return JSON.parse(await this.#ask(`patch ${kind}/${name}`, words, { input: JSON.stringify(patch) }))
  }

  /** Nothing happens when it is gone already. `graceSeconds` 0 kills a pod at once. */
  async delete(
    kind: string,
    name: string,
    { graceSeconds, wait = true }: { graceSeconds?: number; wait?: boolean } = {},
  ): Promise<void> {
    const grace = graceSeconds === undefined ? [] : [`--grace-period=${graceSeconds}`, ...(graceSeconds === 0 ? ['--force'] : [])]
    await this.#ask(`delete ${kind}/${name}`, ['delete', kind, name, '--ignore-not-found', `--wait=${wait}`, ...grace])
  }

  /** `workload` is a kind and a name: `statefulset/otel-collector`. */
  async scale(workload: string, replicas: number): Promise<void> {
    await this.#ask(`scale ${workload}`, ['scale', workload, `--replicas=${replicas}`])
  }

  async restart(workload: string): Promise<void> {
    await this.#ask(`rollout restart ${workload}`, ['rollout', 'restart', workload, MANAGER])
  }

  /** Resolves when the rollout is done: `false` when it was not within that time. */
  async rolloutStatus(workload: string, timeoutMs: number, signal?: AbortSignal): Promise<boolean> {
    const words = ['rollout', 'status', workload, `--timeout=${Math.ceil(timeoutMs / 1000)}s`]
    const run = await this.run(words, { timeoutMs: timeoutMs + REQUEST_MS, ...(signal && { signal }) })
    signal?.throwIfAborted()
    if (run.code === 0) return true
    if (run.timedOut || /timed out|exceeded its progress deadline/.test(run.err)) return false
    throw kubectlError(`rollout status ${workload}`, run)
  }

  /**
   * What the authorizer of the server says; `resource` may have a group and a subresource: `pods/portforward`. With a name it is
   * about that object alone, as a role may be.
   */
  async canI(verb: string, resource: string, name?: string): Promise<boolean> {
    const [kind = '', subresource] = resource.split('/')
    const which = name === undefined ? kind : `${kind}/${name}`
    const words = ['auth', 'can-i', verb, which, ...(subresource === undefined ? [] : ['--subresource', subresource])]
    const run = await this.run(words)
    // It ends with 1 for a plain no as well.
    if (/^(?:yes|no)\b/m.test(run.out)) return run.out.trim().startsWith('yes')
    throw kubectlError(`auth can-i ${verb} ${resource}`, run)
  }

  /** Whatever the command in the container ends with is an answer. */
  exec(
    pod: string,
    argv: readonly string[],
    { container, ...options }: ToolOptions & { readonly container?: string } = {},
  ): Promise<ToolRun> {
    const which = container === undefined ? [] : ['--container', container]
    return this.run(['exec', pod, ...which, ...(options.input === undefined ? [] : ['--stdin']), '--', ...argv], options)
  }

  logs(
    pod: string,
    { container, tail = 20, previous = false }: { container?: string; tail?: number; previous?: boolean } = {},
  ): Promise<string> {
    const which = container === undefined ? [] : ['--container', container]
    return this.#ask(`logs ${pod}`, ['logs', pod, ...which, `--tail=${tail}`, ...(previous ? ['--previous'] : [])])
  }

  /** GET of a path of the API server: `/api/v1/namespaces/n/pods/p:8888/proxy/metrics` is answered by the pod. */
  raw(path: string, options: ToolOptions = {}): Promise<string> {
    return this.#ask(`get --raw ${path}`, ['get', '--raw', path], options)
  }

  /** The namespace that is meant where none is named. */
  async namespace(): Promise<string> {
    if (this.settings.namespace !== undefined) return this.settings.namespace
    const words = ['config', 'view', '--minify', '-o', 'jsonpath={..namespace}']
    return (await this.#ask('config view', words)).trim() || 'default'
  }

  /** Ports of a pod on 127.0.0.1, until `stop`. */
  portForward(pod: string, ports: readonly (number | ForwardedPort)[], withinMs = REQUEST_MS): Promise<Forwarding> {
    return portForward(this.#tools, this.words([]), pod, ports, withinMs)
  }

  /** kubectl with these words; whatever it ends with is an answer. */
  run(words: readonly string[], options: ToolOptions = {}): Promise<ToolRun> {
    return this.#tools.run(this.words(words), options)
  }

  /** All arguments, from the program on. */
  words(words: readonly string[]): string[] {
    const { context, namespace, kubeconfig } = this.settings
    const where = Object.entries({ kubeconfig, context, namespace }).flatMap(([flag, value]) =>
      value === undefined ? [] : [`--${flag}`, value],
    )
    return ['kubectl', ...where, ...words]
  }

  async #ask(what: string, words: readonly string[], options: ToolOptions = {}): Promise<string> {
    const timed = [`--request-timeout=${REQUEST_MS / 1000}s`, ...words]
    const run = await this.run(timed, { timeoutMs: REQUEST_MS + 10_000, ...options })
    if (run.code !== 0) throw kubectlError(what, run)
    return run.out
  }
}

/** Of a namespaced kind: `/apis/apps/v1/namespaces/{namespace}/statefulsets`. */
function pathOf({ apiVersion, kind }: KubeObject): string {
  const plural = kind.toLowerCase().replace(/y$/, 'ie').replace(/s$/, 'se')
  return `/${apiVersion.includes('/') ? 'apis' : 'api'}/${apiVersion}/namespaces/{namespace}/${plural}s`
}
