import { FailoverctlError } from '../core/errors.ts'
import type { Tools } from '../core/tools.ts'
import { Kubectl, type KubeObject } from '../platforms/kubectl.ts'
import type { Ports, Source } from './source.ts'
import type { Watched } from './watched.ts'

export interface Selection {
  readonly selector: string
  /** The namespace of the context where there is none. */
  readonly namespace: string | undefined
  readonly context: string | undefined
  readonly ports: Ports
}

interface Pod extends KubeObject {
  readonly spec?: { readonly containers?: readonly { readonly ports?: readonly ContainerPort[] }[] }
  readonly status?: { readonly phase?: string }
}

interface ContainerPort {
  readonly name?: string
  readonly containerPort: number
}

/**
 * The running pods with these labels, reached through one `kubectl proxy` on this machine: the API server passes the requests on,
 * so that nothing but its address need be reachable from here.
 */
export async function podsOf(selection: Selection, tools: Tools): Promise<Source> {
  const words = kubectl(selection)
  // Asked for first: who may not list pods should hear that, not that a proxy is there.
  const first = await pods(selection, tools)
  const proxy = await tools.open([...words, 'proxy', '--port=0'])
  const base = await servedAt(proxy.lines).catch(() => undefined)
  if (base === undefined) {
    const { err } = await proxy.ended
    throw new FailoverctlError(
      'tool-failed',
      `kubectl proxy does not start: ${lastLine(err)}`,
      'Try it by hand: kubectl proxy --port=0',
    )
  }
  let known: readonly Pod[] | undefined = first
  return {
    changes: true,
    async list() {
      const found = known ?? (await pods(selection, tools))
      known = undefined
      return found.map(pod => watchedPod(pod, base, selection.ports))
    },
    close: () => proxy.stop(),
  }
}

const kubectl = ({ context }: Selection): string[] => ['kubectl', ...(context === undefined ? [] : ['--context', context])]

async function pods(selection: Selection, tools: Tools): Promise<Pod[]> {
  const { selector, namespace, context } = selection
  const items = await new Kubectl(tools, { context, namespace }).list<Pod>('pods', selector)
  const running = items.filter(({ status, metadata }) => status?.phase === 'Running' && metadata.deletionTimestamp === undefined)
  if (running.length > 0) return running
  const found = items.length === 0 ? 'no pod has' : `none of the ${items.length} pods runs that have`
  throw new FailoverctlError(
    'no-answer',
    `${found} the labels ${selector}${namespace === undefined ? '' : ` in namespace ${namespace}`}`,
    'kubectl get pods --show-labels says which labels there are; -n names the namespace.',
  )
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? ''

/** `Starting to serve on 127.0.0.1:34567` */
async function servedAt(lines: AsyncIterable<string>): Promise<string | undefined> {
  // Leaving a `for` over the lines would wait for the end of the program.
  const next = lines[Symbol.asyncIterator]()
  for (;;) {
    const { value, done } = await next.next()
    if (done) return undefined
    const [, address] = /serve on (\S+)/.exec(value) ?? []
    if (address) return `http://${address}`
  }
}

function watchedPod({ metadata: { name, namespace }, spec }: Pod, base: string, ports: Ports): Watched {
  const declared = (spec?.containers ?? []).flatMap(container => container.ports ?? [])
  const at = (port: number) => `${base}/api/v1/namespaces/${namespace}/pods/${name}:${port}/proxy`
  const named = (wanted: readonly string[], fallback: number) =>
    declared.find(port => port.name !== undefined && wanted.includes(port.name))?.containerPort ?? fallback
  const health = named(['health', 'healthcheck', 'health-check'], ports.health)
  return {
    name,
    metricsUrl: `${at(named(['metrics', 'internal-metrics'], ports.metrics))}/metrics`,
    healthUrl: declared.some(({ containerPort }) => containerPort === health) ? `${at(health)}/` : undefined,
  }
}
