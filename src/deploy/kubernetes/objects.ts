import type { KubeObject, Metadata } from '../../platforms/kubectl.ts'

export interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>
  readonly binaryData?: Readonly<Record<string, string>>
  readonly immutable?: boolean
}

export const WORKLOADS = ['statefulset', 'daemonset', 'deployment'] as const
export type WorkloadKind = (typeof WORKLOADS)[number]

/** A StatefulSet, DaemonSet or Deployment: what is read of it. */
export interface Workload extends KubeObject {
  readonly spec: {
    readonly replicas?: number
    readonly paused?: boolean
    readonly selector: { readonly matchLabels?: Readonly<Record<string, string>> }
    readonly updateStrategy?: { readonly type?: string; readonly rollingUpdate?: { readonly partition?: number } }
    readonly template: { readonly metadata?: Metadata; readonly spec: PodSpec }
  }
  readonly status?: WorkloadStatus
}

export interface WorkloadStatus {
  readonly observedGeneration?: number
  readonly replicas?: number
  readonly readyReplicas?: number
  readonly updatedReplicas?: number
  readonly availableReplicas?: number
  readonly currentRevision?: string
  readonly updateRevision?: string
  readonly desiredNumberScheduled?: number
  readonly updatedNumberScheduled?: number
  readonly numberAvailable?: number
  readonly conditions?: readonly { readonly type: string; readonly reason?: string; readonly message?: string }[]
}

export interface PodSpec {
  readonly containers: readonly Container[]
  readonly volumes?: readonly Volume[]
}

interface Container {
  readonly name: string
  readonly command?: readonly string[]
  readonly args?: readonly string[]
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string; readonly subPath?: string }[]
}

interface Volume {
  readonly name: string
  readonly configMap?: { readonly name: string; readonly items?: readonly { readonly key: string; readonly path: string }[] }
}

export interface Pod extends KubeObject {
  readonly status?: {
    readonly phase?: string
    readonly conditions?: readonly { readonly type: string; readonly status: string }[]
    readonly containerStatuses?: readonly ContainerStatus[]
  }
}

interface ContainerStatus {
  readonly restartCount: number
  readonly state?: { readonly waiting?: { readonly reason?: string; readonly message?: string } }
}

/** On the pod template: what the pods of it were started for. */
export const DEPLOY = 'failoverctl.io/deploy'
export const CONFIG_HASH = 'failoverctl.io/config-sha256'
/** What the server and its controllers write by themselves, and what differs after a change and its undoing. */
export const SERVERS_OWN = ['resourceVersion', 'generation', 'managedFields'] as const
export const CONTROLLERS_OWN = ['deployment.kubernetes.io/revision', 'deprecated.daemonset.template.generation'] as const

/** An object without what its server and controllers write by themselves: two of them are equal when nobody changed anything. */
export function essence({ status: _, metadata, ...rest }: KubeObject): Omit<KubeObject, 'status'> {
  const annotations = without(metadata.annotations ?? {}, CONTROLLERS_OWN)
  const kept = without(metadata, [...SERVERS_OWN, 'annotations'])
  return { ...rest, metadata: { ...kept, ...(Object.keys(annotations).length > 0 ? { annotations } : {}) } } as KubeObject
}

const without = (fields: object, names: readonly string[]) =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)))

/** Data with its keys in order, so that equal data is equal text. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inside) =>
    inside && typeof inside === 'object' && !Array.isArray(inside)
      ? Object.fromEntries(Object.entries(inside).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inside,
  )
}
