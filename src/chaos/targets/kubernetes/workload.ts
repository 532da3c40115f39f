import { FailoverctlError } from '../../../core/errors.ts'
import type { Kubectl, KubeObject } from '../../../platforms/kubectl.ts'

/** Pods that belong together, and what keeps them there. */
export interface Workload {
  /** `statefulset/otel-gateway`. */
  readonly id: string
  readonly kind: string
  readonly replicas: number
  /** As kubectl takes it: `app=otel-gateway`. */
  readonly selector: string
  /** The same as a NetworkPolicy takes it. */
  readonly podSelector: unknown
}

export interface Pod extends KubeObject {
  readonly spec: { readonly nodeName?: string }
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] }
}

interface WorkloadObject extends KubeObject {
  readonly spec: { readonly replicas?: number; readonly selector?: LabelSelector }
}

interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>
  readonly matchExpressions?: readonly { readonly key: string; readonly operator: string; readonly values?: readonly string[] }[]
}

const KINDS = ['deployment', 'statefulset', 'daemonset', 'replicaset']

/** Throws `no-such-object`, and `wrong-use` for what has no pods of its own. */
export async function findWorkload(id: string, kubectl: Kubectl): Promise<Workload> {
  const [kind = '', name = ''] = id.split('/')
  const known = KINDS.find(each => kind === each || kind === `${each}s`)
  if (!known || name === '')
    throw new FailoverctlError(
      'wrong-use',
      `${id} is no workload`,
      `Write a kind and a name, such as deployment/primary (${KINDS.join(', ')}).`,
    )
  const { spec } = await kubectl.get<WorkloadObject>(known, name)
  const { selector = {}, replicas = 1 } = spec
  return { id: `${known}/${name}`, kind: known, replicas, selector: selectorText(selector), podSelector: selector }
}

function selectorText({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string {
  const equal = Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`)
  const expressions = matchExpressions.map(({ key, operator, values = [] }) => {
    if (operator === 'Exists') return key
    if (operator === 'DoesNotExist') return `!${key}`
    return `${key} ${operator === 'In' ? 'in' : 'notin'} (${values.join(',')})`
  })
  return [...equal, ...expressions].join(',')
}

export const podsOf = ({ selector }: Workload, kubectl: Kubectl): Promise<Pod[]> => kubectl.list<Pod>('pods', selector)

export const isReady = ({ status, metadata }: Pod): boolean =>
  metadata.deletionTimestamp === undefined &&
  (status?.conditions ?? []).some(({ type, status }) => type === 'Ready' && status === 'True')

/** Throws `no-process` where none is. */
export async function readyPods(workload: Workload, kubectl: Kubectl): Promise<Pod[]> {
  const ready = (await podsOf(workload, kubectl)).filter(isReady)
  if (ready.length > 0) return ready
  throw new FailoverctlError(
    'no-process',
    `no pod of ${workload.id} is ready`,
    `kubectl get pods -l '${workload.selector}' says why.`,
  )
}
