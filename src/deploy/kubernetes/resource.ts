import type { KubeObject } from '../../platforms/kubectl.ts'
import type { Data } from '../../source/change.ts'
import { inBlock } from '../../source/render-yaml.ts'
import { type Backup, hashOf } from '../record.ts'
import type { Change } from '../target.ts'
import { CONFIG_HASH, canonical, DEPLOY, type Workload } from './objects.ts'

/** v1beta1 has a map as `config`, v1alpha1 a text. */
export interface Resource extends KubeObject {
  readonly spec: { readonly mode?: string; readonly config?: unknown; readonly [field: string]: unknown }
}

export interface State {
  readonly resource: Resource
  /** What the operator has made of it. */
  readonly workload: Workload
}

export const stateOfBackup = ({ backup }: { readonly backup: Backup }): State => backup.state as State

/** Whether what is there now is what this change has written. */
export async function isOurs({ metadata, spec }: Resource, { id }: Change): Promise<boolean> {
  const { [DEPLOY]: deploy, [CONFIG_HASH]: hash } = metadata.annotations ?? {}
  return deploy === id && hash === (await hashOf(canonical(spec.config)))
}

/** But for their number, which may be an autoscaler's. */
export const sameSpec = (one: Workload, other: Workload): boolean =>
  canonical({ ...one.spec, replicas: 0 }) === canonical({ ...other.spec, replicas: 0 })

/** As YAML, with its keys in order. */
export function textOf(config: unknown): string {
  const ordered = JSON.parse(canonical(config)) as Record<string, Data>
  return `${Object.entries(ordered)
    .flatMap(([key, value]) => inBlock(key, value, '  '))
    .join('\n')}\n`
}
