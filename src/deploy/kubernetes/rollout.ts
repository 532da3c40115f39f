import type { Pod, Workload } from './objects.ts'

/** How many pods a workload wants. */
export const desired = ({ kind, spec, status }: Workload): number =>
  kind === 'DaemonSet' ? (status?.desiredNumberScheduled ?? 0) : (spec.replicas ?? 1)

const updated = ({ kind, status }: Workload): number =>
  (kind === 'DaemonSet' ? status?.updatedNumberScheduled : status?.updatedReplicas) ?? 0

const available = ({ kind, status }: Workload): number =>
  (kind === 'DaemonSet' ? status?.numberAvailable : kind === 'Deployment' ? status?.availableReplicas : status?.readyReplicas) ??
  0

/** How many pods a rollout under this spec will have brought up to date: not those below the partition of a StatefulSet. */
const wanted = (workload: Workload): number =>
  Math.max(0, desired(workload) - (workload.spec.updateStrategy?.rollingUpdate?.partition ?? 0))

/** Whether every pod that is to be replaced has been, ready or not. */
export function isUpToDate(workload: Workload): boolean {
  const { metadata, status } = workload
  if ((status?.observedGeneration ?? 0) < (metadata.generation ?? 0)) return false
  if (workload.kind === 'StatefulSet' && status?.currentRevision === status?.updateRevision)
    return (status?.updatedReplicas ?? status?.replicas ?? 0) >= desired(workload)
  if (updated(workload) < wanted(workload)) return false
  return workload.kind === 'StatefulSet'
    ? wanted(workload) < desired(workload)
    : (status?.replicas ?? 0) <= updated(workload) || workload.kind === 'DaemonSet'
}

export const isReady = (workload: Workload): boolean => available(workload) >= desired(workload)

/** `1 of 3 updated, 2 ready` */
export const stateOf = (workload: Workload): string =>
  `${Math.min(updated(workload), desired(workload))} of ${wanted(workload)} updated, ${available(workload)} of ${desired(workload)} ready`

const HOPELESS = [
  'CrashLoopBackOff',
  'ImagePullBackOff',
  'ErrImagePull',
  'InvalidImageName',
  'CreateContainerConfigError',
  'CreateContainerError',
]

/** Why a pod will not get ready however long one waits; undefined while it may. */
export function hopeless(pod: Pod): string | undefined {
  for (const { state, restartCount } of pod.status?.containerStatuses ?? []) {
    const { reason, message } = state?.waiting ?? {}
    if (reason !== undefined && HOPELESS.includes(reason))
      return `pod ${pod.metadata.name}: ${reason}${message ? ` (${message})` : ''}${restartCount > 0 ? `, restarted ${restartCount} times` : ''}`
  }
  return pod.status?.phase === 'Failed' ? `pod ${pod.metadata.name} has failed` : undefined
}

export const isPodReady = (pod: Pod): boolean =>
  pod.metadata.deletionTimestamp === undefined &&
  (pod.status?.conditions ?? []).some(({ type, status }) => type === 'Ready' && status === 'True')

export const restarts = (pod: Pod): number =>
  (pod.status?.containerStatuses ?? []).reduce((sum, { restartCount }) => sum + restartCount, 0)
