import { FailoverctlError } from '../../core/errors.ts'
import type { Kubectl } from '../../platforms/kubectl.ts'
import type { TargetAddress } from '../record.ts'
import type { Change } from '../target.ts'
import { annotationsOf, bare, stateOfBackup } from './change.ts'
import { edit } from './edit.ts'
import { type ConfigMap, canonical, DEPLOY, type Pod, type Workload, type WorkloadKind } from './objects.ts'

/** A workload, its config map and its pods as they are now, and what of them somebody else has changed. */
export class Live {
  readonly kubectl: Kubectl
  readonly address: TargetAddress
  readonly #kind: WorkloadKind
  readonly #name: string

  constructor(kubectl: Kubectl, kind: WorkloadKind, name: string, address: TargetAddress) {
    this.kubectl = kubectl
    this.address = address
    this.#kind = kind
    this.#name = name
  }

  workload = (): Promise<Workload> => this.kubectl.get<Workload>(this.#kind, this.#name)

  edit = (make: (now: Workload) => Workload | undefined, options = {}): Promise<void> =>
    edit(this.kubectl, this.#kind, this.#name, make, options)

  configMap = (change: Change): Promise<ConfigMap> =>
    this.kubectl.get<ConfigMap>('configmap', stateOfBackup(change).configMap.metadata.name)

  async pods({ spec }: Workload): Promise<Pod[]> {
    const labels = Object.entries(spec.selector.matchLabels ?? {}).map(([name, value]) => `${name}=${value}`)
    return (await this.kubectl.list<Pod>('pods', labels.join(','))).filter(pod =>
      (pod.metadata.ownerReferences ?? []).some(({ kind, name }) =>
        kind === 'ReplicaSet' ? name.startsWith(`${this.#name}-`) : name === this.#name,
      ),
    )
  }

  /** Throws `conflict`. */
  refuseForeign(now: Workload, change: Change): void {
    if (this.isForeign(now, change)) throw this.foreign(this.address.to)
  }

  // Whatever else changed in its spec was somebody: what we make is the same spec with our annotations and partition.
  isForeign(now: Workload, change: Change): boolean {
    const { workload } = stateOfBackup(change)
    const ours = annotationsOf(now)[DEPLOY] === change.id
    return canonical(ours ? bare(now, workload) : bare(now, undefined)) !== canonical(bare(workload, undefined))
  }

  foreign = (what: string, theirs?: { before: string; now: string }): FailoverctlError =>
    new FailoverctlError(
      'conflict',
      `somebody else changed ${what} in the meantime; it was left as it is`,
      this.#seeBy(what),
      theirs,
    )

  foreignMap(change: Change, now: ConfigMap): FailoverctlError {
    const { configMap, key } = stateOfBackup(change)
    return this.foreign(`config map ${configMap.metadata.name}`, {
      before: configMap.data?.[key] ?? '',
      now: now.data?.[key] ?? '',
    })
  }

  #seeBy(what: string): string {
    const object = what.startsWith('config map ') ? `configmap ${what.slice('config map '.length)}` : what
    return `See it: kubectl get ${object} -n ${this.address.namespace} -o yaml. The config of before: failoverctl history --to ${this.address.to} --show <id>`
  }
}
