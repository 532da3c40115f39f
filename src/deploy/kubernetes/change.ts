import type { Change } from '../target.ts'
import { CONFIG_HASH, type ConfigMap, DEPLOY, type Pod, type Workload } from './objects.ts'

/** What is backed up. */
export interface State {
  readonly workload: Workload
  readonly configMap: ConfigMap
  readonly key: string
  readonly pods: readonly { readonly name: string; readonly uid: string; readonly restarts: number }[]
}

export const stateOfBackup = ({ backup }: Change): State => backup.state as State
/** Of the pod template. */
export const annotationsOf = ({ spec }: Workload): Readonly<Record<string, string>> => spec.template.metadata?.annotations ?? {}
/** Whether a pod was started for this change. */
export const isOf = ({ metadata }: Pod, { id }: Change): boolean => metadata.annotations?.[DEPLOY] === id

/** With as many pods as the other: their number may be an autoscaler's. */
export const scaled = (now: Workload, as: Workload): Workload =>
  as.spec.replicas === undefined ? now : { ...now, spec: { ...now.spec, replicas: as.spec.replicas } }

/** The config map of before, with the new config and the version that was read. */
export function withConfig(change: Change): ConfigMap {
  const { configMap, key } = stateOfBackup(change)
  return { ...configMap, data: { ...configMap.data, [key]: change.config } }
}

/** A workload whose template is for this change: its controller replaces the pods, from `partition` on. */
export function restarted(now: Workload, change: Change, partition: number): Workload {
  const { template } = now.spec
  const annotations = { ...annotationsOf(now), [DEPLOY]: change.id, [CONFIG_HASH]: change.hash }
  return {
    ...now,
    spec: {
      ...now.spec,
      ...(now.kind === 'StatefulSet' && (partition > 0 || change.canary)
        ? { updateStrategy: parted(now, change, partition) }
        : {}),
      template: { ...template, metadata: { ...template.metadata, annotations } as Workload['metadata'] },
    },
  }
}

// In the end it is written as it was, whether there was a partition of 0 or none.
const parted = ({ spec }: Workload, change: Change, partition: number) =>
  partition > 0
    ? { ...spec.updateStrategy, rollingUpdate: { ...spec.updateStrategy?.rollingUpdate, partition } }
    : stateOfBackup(change).workload.spec.updateStrategy

/** A spec without what we put into it: `as` gives back the annotations and the strategy of before. */
export function bare(workload: Workload, as: Workload | undefined): Workload['spec'] {
  const { replicas: _, ...spec } = workload.spec
  if (!as) return spec
  const { template } = spec
  return {
    ...spec,
    ...(as.spec.updateStrategy ? { updateStrategy: as.spec.updateStrategy } : {}),
    template: { ...template, metadata: { ...template.metadata, ...annotationsLike(workload, as) } as Workload['metadata'] },
  }
}

// Our two annotations go, and those that an earlier deployment had come back.
function annotationsLike(workload: Workload, as: Workload): { annotations?: Record<string, string> } {
  const { [DEPLOY]: _, [CONFIG_HASH]: __, ...others } = annotationsOf(workload)
  const old = annotationsOf(as)
  const ours = Object.fromEntries([DEPLOY, CONFIG_HASH].flatMap(name => (old[name] === undefined ? [] : [[name, old[name]]])))
  const annotations = { ...others, ...ours }
  if (Object.keys(annotations).length > 0 || as.spec.template.metadata?.annotations) return { annotations }
  return { annotations: undefined as never }
}
