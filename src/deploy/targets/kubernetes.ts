import { sleep } from '../../core/clock.ts'
import { FailoverctlError } from '../../core/errors.ts'
import type { Host } from '../../core/host.ts'
import { Kubectl, type KubectlSettings } from '../../platforms/kubectl.ts'
import { checkAccess, type Need } from '../../platforms/kubectl-access.ts'
import { annotationsOf, isOf, restarted, type State, stateOfBackup, withConfig } from '../kubernetes/change.ts'
import { findConfig, keyIn } from '../kubernetes/find-config.ts'
import { Live } from '../kubernetes/live.ts'
import { type ConfigMap, DEPLOY, type Workload, type WorkloadKind } from '../kubernetes/objects.ts'
import { desired, hopeless, isPodReady, isReady, isUpToDate, restarts, stateOf } from '../kubernetes/rollout.ts'
import { recordName, sharedStore } from '../kubernetes/shared-store.ts'
import { differences, restore } from '../kubernetes/way-back.ts'
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
  readonly #live: Live
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
    this.#live = new Live(this.#kubectl, kind, workload, this.address)
    this.store = bothStores(sharedStore(this.#kubectl, recordName(kind, workload)), diskStore(this.slug, host))
  }

  static async open(kind: WorkloadKind, workload: string, settings: KubernetesSettings, host: Host): Promise<KubernetesTarget> {
    const namespace = await new Kubectl(host.tools, settings).namespace()
    return new KubernetesTarget(kind, workload, namespace, settings, host)
  }

  async preflight({ probes, canary }: Wish): Promise<void> {
    if (canary && this.#kind !== 'statefulset')
      throw new FailoverctlError('wrong-use', `${this.name}: only a StatefulSet can be changed pod by pod`, 'Leave --canary out.')
    const kind = `${this.#kind}s.apps`
    const maps = [recordName(this.#kind, this.#workload), await this.#mapName()]
    const needs: Need[] = [
      ...maps.flatMap((name): Need[] => ['get', 'update'].map(verb => [verb, 'configmaps', name])),
      ['create', 'configmaps'],
      ['get', kind, this.#workload],
      ['update', kind, this.#workload],
      ['list', 'pods'],
      // Pods that never got ready keep a StatefulSet from going back by itself.
      ['delete', 'pods'],
    ]
    if (probes) needs.push(['create', 'pods/portforward'])
    await checkAccess(this.#kubectl, needs)
  }

  /** Undefined where that cannot be told: `look` says why. A role may be for this one alone. */
  async #mapName(): Promise<string | undefined> {
    if (this.#settings.configMap !== undefined) return this.#settings.configMap
    try {
      return findConfig((await this.#live.workload()).spec.template.spec, this.#settings, this.name).configMap
    } catch (error) {
      if (error instanceof FailoverctlError && ['no-access', 'no-such-object'].includes(error.code)) return undefined
      throw error
    }
  }

  async look(): Promise<Looked> {
    const workload = await this.#live.workload()
    this.#refuseBusy(workload)
    const place = findConfig(workload.spec.template.spec, this.#settings, this.name)
    const configMap = await this.#kubectl.get<ConfigMap>('configmap', place.configMap)
    const key = keyIn(configMap, place.key)
    if (configMap.immutable) throw new FailoverctlError('no-access', `config map ${place.configMap} is immutable`)
    const pods = (await this.#live.pods(workload)).map(pod => ({
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
    await this.#live.edit(now => restarted(now, change, 0), { dryRun: true })
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
        this.#live.edit(now => {
          this.#live.refuseForeign(now, change)
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
      const workload = await this.#live.workload()
      const pods = await this.#live.pods(workload)
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
    const { key } = stateOfBackup(change)
    const now = await this.#live.configMap(change)
    if ((await hashOf(now.data?.[key] ?? '')) !== change.hash) throw this.#live.foreignMap(change, now)
    const workload = await this.#live.workload()
    if (annotationsOf(workload)[DEPLOY] !== change.id) throw this.#live.foreign(this.address.to)
    const pods = (await this.#live.pods(workload)).filter(pod => isOf(pod, change))
    const sick = pods.find(pod => restarts(pod) > 0 || !isPodReady(pod))
    return (
      sick &&
      (hopeless(sick) ??
        `pod ${sick.metadata.name} ${restarts(sick) > 0 ? `was restarted ${restarts(sick)} times` : 'is no longer ready'}`)
    )
  }

  async members(change?: Change): Promise<Member[]> {
    const pods = (await this.#live.pods(await this.#live.workload())).filter(pod =>
      change ? isOf(pod, change) : isPodReady(pod),
    )
    return pods.map(({ metadata: { name } }) => ({
      name,
      reach: async ports => {
        const forwarding = await this.#kubectl.portForward(name, ports)
        return { url: port => `http://127.0.0.1:${forwarding.local(port)}`, close: () => forwarding.stop() }
      },
    }))
  }

  restore = (change: Change, wait: Wait): Promise<void> => restore(this.#live, change, wait, this.#host.clock)

  differences = (change: Change): Promise<string[]> => differences(this.#live, change)
}
