import { sleep } from '../../core/clock.ts'
import { FailoverctlError } from '../../core/errors.ts'
import type { Host } from '../../core/host.ts'
import { checkAccess, Kubectl, type KubectlSettings } from '../../platforms/kubectl.ts'
import { annotationsOf, bare, isOf, restarted, type State, scaled, stateOfBackup, withConfig } from '../kubernetes/change.ts'
import { edit } from '../kubernetes/edit.ts'
import { findConfig, keyIn } from '../kubernetes/find-config.ts'
import { type ConfigMap, canonical, DEPLOY, essence, type Pod, type Workload, type WorkloadKind } from '../kubernetes/objects.ts'
import { desired, hopeless, isPodReady, isReady, isUpToDate, restarts, stateOf } from '../kubernetes/rollout.ts'
import { sharedStore } from '../kubernetes/shared-store.ts'
import { hashOf, type TargetAddress } from '../record.ts'
import { bothStores, diskStore, type RecordStore } from '../store.ts'
import type { Change, DeployTarget, Looked, Member, Stage, Wait, Wish } from '../target.ts'

export interface KubernetesSettings extends KubectlSettings {
  readonly configMap?: string | undefined
  readonly key?: string | undefined
}

const LIMIT_BYTES = 1024 * 1024
const POLL_MS = 1000

/** A StatefulSet, DaemonSet or Deployment whose collectors read their config from a key of a config map. */
export class KubernetesTarget implements DeployTarget {
  readonly name: string
  readonly slug: string
  readonly address: TargetAddress
  readonly store: RecordStore
  readonly #kubectl: Kubectl
  readonly #host: Host
  readonly #kind: WorkloadKind
  readonly #workload: string
  readonly #settings: KubernetesSettings

  private constructor(kind: WorkloadKind, workload: string, namespace: string, settings: KubernetesSettings, host: Host) {
    this.#kind = kind
    this.#workload = workload
    this.#settings = settings
    this.#host = host
    this.#kubectl = new Kubectl(host.tools, { ...settings, namespace })
    this.name = `${kind}/${workload} in ${namespace}`
    this.slug = [settings.context, namespace, kind, workload]
      .filter(Boolean)
      .join('-')
      .replace(/[^\w.-]/g, '_')
    const { context, kubeconfig, configMap, key } = settings
    this.address = { to: `${kind}/${workload}`, namespace, context, kubeconfig, configMap, key }
    this.store = bothStores(sharedStore(this.#kubectl, `failoverctl-${kind}-${workload}`), diskStore(this.slug, host))
  }

  static async open(kind: WorkloadKind, workload: string, settings: KubernetesSettings, host: Host): Promise<KubernetesTarget> {
    const namespace = await new Kubectl(host.tools, settings).namespace()
    return new KubernetesTarget(kind, workload, namespace, settings, host)
  }

  async preflight({ probes, canary }: Wish): Promise<void> {
    if (canary && this.#kind !== 'statefulset')
      throw new FailoverctlError('wrong-use', `${this.name}: only a StatefulSet can be changed pod by pod`, 'Leave --canary out.')
    const needs: [string, string][] = [
      ['get', 'configmaps'],
      ['create', 'configmaps'],
      ['update', 'configmaps'],
      ['get', `${this.#kind}s.apps`],
      ['update', `${this.#kind}s.apps`],
      ['list', 'pods'],
      // Pods that never got ready keep a StatefulSet from going back by itself.
      ['delete', 'pods'],
    ]
    if (probes) needs.push(['create', 'pods/portforward'])
    await checkAccess(this.#kubectl, needs)
  }

  async look(): Promise<Looked> {
    const workload = await this.#get()
    this.#refuseBusy(workload)
    const place = findConfig(workload.spec.template.spec, this.#settings, this.name)
    const configMap = await this.#kubectl.get<ConfigMap>('configmap', place.configMap)
    const key = keyIn(configMap, place.key)
    if (configMap.immutable) throw new FailoverctlError('no-access', `config map ${place.configMap} is immutable`)
    const pods = (await this.#pods(workload)).map(pod => ({
      name: pod.metadata.name,
      uid: pod.metadata.uid ?? '',
      restarts: restarts(pod),
    }))
    const state: State = { workload, configMap, key, pods }
    const remarks = isReady(workload) ? [] : [`before the change not all pods are ready: ${stateOf(workload)}`]
    return { backup: { config: configMap.data?.[key] ?? '', state }, remarks }
  }

  #refuseBusy(workload: Workload): void {
    const { spec } = workload
    const refuse = (why: string, hint: string) => {
      throw new FailoverctlError('rollout-running', `${this.name}: ${why}; nothing was changed`, hint)
    }
    if (spec.paused) refuse('its rollouts are paused', `Resume them first: kubectl rollout resume ${this.address.to}`)
    if (spec.updateStrategy?.type === 'OnDelete')
      refuse('its update strategy is OnDelete, nothing restarts its pods', 'Use RollingUpdate.')
    if ((spec.updateStrategy?.rollingUpdate?.partition ?? 0) > 0)
      refuse('a partition is set: somebody is in the middle of a rollout', 'Set it to 0 first.')
    if (!isUpToDate(workload))
      refuse(`a rollout is running (${stateOf(workload)})`, `Wait for it: kubectl rollout status ${this.address.to}`)
  }

  async rehearse(change: Change): Promise<void> {
    const { configMap } = stateOfBackup(change)
    const bytes = new TextEncoder().encode(Object.values(withConfig(change).data ?? {}).join('')).length
    if (bytes > LIMIT_BYTES)
      throw new FailoverctlError(
        'too-large',
        `config map ${configMap.metadata.name} would have ${bytes} bytes of data, ${LIMIT_BYTES} is the most; nothing was changed`,
        'Split the config, or deploy it as a file.',
      )
    await this.#kubectl.replace(withConfig(change), { dryRun: true })
    await this.#edit(now => restarted(now, change, 0), { dryRun: true })
  }

  stages(change: Change): Stage[] {
    const { configMap, workload } = stateOfBackup(change)
    const write = {
      name: `write config map ${configMap.metadata.name}`,
      make: async () => void (await this.#kubectl.replace(withConfig(change))),
    }
    const restart = (name: string, partition: number) => ({
      name,
      make: () =>
        this.#edit(now => {
          this.#refuseForeign(now, change)
          return restarted(now, change, partition)
        }),
    })
    const all = restart(`restart ${this.address.to}`, 0)
    const replicas = desired(workload)
    if (!change.canary || replicas < 2) return [{ name: 'all pods', steps: [write, all] }]
    const last = `${this.#workload}-${replicas - 1}`
    return [
      { name: `canary ${last}`, steps: [write, restart(`restart ${last} alone`, replicas - 1)] },
      { name: 'all pods', steps: [all] },
    ]
  }

  async settle(change: Change, _: Stage, wait: Wait): Promise<string | undefined> {
    const until = this.#host.clock.now() + wait.withinMs
    for (;;) {
      const workload = await this.#get()
      const pods = await this.#pods(workload)
      if (isUpToDate(workload) && isReady(workload)) return undefined
      const stuck = pods
        .filter(pod => isOf(pod, change))
        .map(hopeless)
        .find(Boolean)
      if (stuck) return stuck
      if (this.#host.clock.now() >= until) {
        const late = pods.filter(pod => !isPodReady(pod)).map(pod => `${pod.metadata.name} (${pod.status?.phase ?? 'unknown'})`)
        return `not ready after ${Math.round(wait.withinMs / 1000)}s: ${stateOf(workload)}${late.length > 0 ? `; not ready: ${late.slice(0, 5).join(', ')}` : ''}`
      }
      await wait.beat(stateOf(workload))
      await sleep(this.#host.clock, POLL_MS, wait.signal)
    }
  }

  async inspect(change: Change): Promise<string | undefined> {
    const { configMap, key } = stateOfBackup(change)
    const now = await this.#kubectl.get<ConfigMap>('configmap', configMap.metadata.name)
    if ((await hashOf(now.data?.[key] ?? '')) !== change.hash) throw this.#foreignMap(change, now)
    const workload = await this.#get()
    if (annotationsOf(workload)[DEPLOY] !== change.id) throw this.#foreign(this.address.to)
    const pods = (await this.#pods(workload)).filter(pod => isOf(pod, change))
    const sick = pods.find(pod => restarts(pod) > 0 || !isPodReady(pod))
    return (
      sick &&
      (hopeless(sick) ??
        `pod ${sick.metadata.name} ${restarts(sick) > 0 ? `was restarted ${restarts(sick)} times` : 'is no longer ready'}`)
    )
  }

  async members(change?: Change): Promise<Member[]> {
    const pods = (await this.#pods(await this.#get())).filter(pod => (change ? isOf(pod, change) : isPodReady(pod)))
    return pods.map(({ metadata: { name } }) => ({
      name,
      reach: async ports => {
        const forwarding = await this.#kubectl.portForward(name, ports)
        return { url: port => `http://127.0.0.1:${forwarding.local(port)}`, close: () => forwarding.stop() }
      },
    }))
  }

  async restore(change: Change, wait: Wait): Promise<void> {
    const { configMap, key, workload } = stateOfBackup(change)
    // Both are looked at before either is touched: half of somebody else's change is worse than none of ours.
    this.#refuseForeign(await this.#get(), change)
    const nowMap = await this.#kubectl.get<ConfigMap>('configmap', configMap.metadata.name)
    const isNew = (await hashOf(nowMap.data?.[key] ?? '')) === change.hash
    await edit<ConfigMap>(this.#kubectl, 'configmap', configMap.metadata.name, now => {
      if (canonical(essence(now)) === canonical(essence(configMap))) return undefined
      const back = { ...now, data: { ...now.data, [key]: change.backup.config } }
      if (!isNew || now.data?.[key] !== nowMap.data?.[key] || canonical(essence(back)) !== canonical(essence(configMap)))
        throw this.#foreignMap(change, now)
      return back
    })
    await this.#edit(now => {
      this.#refuseForeign(now, change)
      // An autoscaler may have changed their number.
      const spec = { ...workload.spec, ...(now.spec.replicas === undefined ? {} : { replicas: now.spec.replicas }) }
      return canonical(now.spec) === canonical(spec) ? undefined : { ...now, spec }
    })
    await this.#clearAway(change)
    await this.#awaitOld(change, wait)
  }

  /** Pods that run the new config: of its template and stuck, or of the old one but started anew while the new config was there. */
  async #clearAway(change: Change): Promise<void> {
    const { pods: before } = stateOfBackup(change)
    for (const pod of await this.#pods(await this.#get())) {
      const old = before.find(({ uid }) => uid === pod.metadata.uid)
      const hasNewConfig = old ? restarts(pod) > old.restarts : isOf(pod, change) && !isPodReady(pod)
      if (hasNewConfig) await this.#kubectl.delete('pod', pod.metadata.name, { wait: false })
    }
  }

  async #awaitOld(change: Change, wait: Wait): Promise<void> {
    const until = this.#host.clock.now() + wait.withinMs
    const wasReady = isReady(stateOfBackup(change).workload)
    for (;;) {
      const workload = await this.#get()
      const left = (await this.#pods(workload)).filter(pod => isOf(pod, change))
      if (isUpToDate(workload) && left.length === 0 && (isReady(workload) || !wasReady)) return
      // `differences` says what is still wrong.
      if (this.#host.clock.now() >= until) return
      await this.#clearAway(change)
      await wait.beat(`back: ${stateOf(workload)}`)
      await sleep(this.#host.clock, POLL_MS, wait.signal)
    }
  }

  async differences(change: Change): Promise<string[]> {
    const { configMap, workload } = stateOfBackup(change)
    const now = await this.#get()
    const nowMap = await this.#kubectl.get<ConfigMap>('configmap', configMap.metadata.name)
    const left = (await this.#pods(now)).filter(pod => isOf(pod, change))
    return [
      ...(canonical(essence(nowMap)) === canonical(essence(configMap))
        ? []
        : [`config map ${configMap.metadata.name} is not as it was`]),
      ...(canonical(essence(scaled(now, workload))) === canonical(essence(workload))
        ? []
        : [`${this.address.to} is not as it was`]),
      ...left.map(({ metadata: { name } }) => `pod ${name} still runs the new config`),
      ...(isUpToDate(now) ? [] : [`the way back is still under way: ${stateOf(now)}`]),
      ...(isReady(now) || !isReady(workload) ? [] : [`not all pods are ready: ${stateOf(now)}`]),
    ]
  }

  // Whatever else changed in its spec was somebody: what we make is the same spec with our annotations and partition.
  #refuseForeign(now: Workload, change: Change): void {
    const { workload } = stateOfBackup(change)
    const old = canonical(bare(workload, undefined))
    const ours = annotationsOf(now)[DEPLOY] === change.id
    if (canonical(ours ? bare(now, workload) : bare(now, undefined)) !== old) throw this.#foreign(this.address.to)
  }

  #foreign = (what: string, theirs?: { before: string; now: string }): FailoverctlError =>
    new FailoverctlError(
      'conflict',
      `somebody else changed ${what} in the meantime; it was left as it is`,
      this.#seeBy(what),
      theirs,
    )

  #foreignMap(change: Change, now: ConfigMap): FailoverctlError {
    const { configMap, key } = stateOfBackup(change)
    return this.#foreign(`config map ${configMap.metadata.name}`, {
      before: configMap.data?.[key] ?? '',
      now: now.data?.[key] ?? '',
    })
  }

  #seeBy(what: string): string {
    const object = what.startsWith('config map ') ? `configmap ${what.slice('config map '.length)}` : what
    return `See it: kubectl get ${object} -n ${this.address.namespace} -o yaml. The config of before: failoverctl history --to ${this.address.to} --show <id>`
  }

  #get = (): Promise<Workload> => this.#kubectl.get<Workload>(this.#kind, this.#workload)

  #edit = (make: (now: Workload) => Workload | undefined, options = {}): Promise<void> =>
    edit(this.#kubectl, this.#kind, this.#workload, make, options)

  async #pods({ spec }: Workload): Promise<Pod[]> {
    const labels = Object.entries(spec.selector.matchLabels ?? {}).map(([name, value]) => `${name}=${value}`)
    return (await this.#kubectl.list<Pod>('pods', labels.join(','))).filter(pod =>
      (pod.metadata.ownerReferences ?? []).some(({ kind, name }) =>
        kind === 'ReplicaSet' ? name.startsWith(`${this.#workload}-`) : name === this.#workload,
      ),
    )
  }
}
