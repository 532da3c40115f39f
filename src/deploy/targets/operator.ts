import { sleep } from '../../core/clock.ts'
import { FailoverctlError } from '../../core/errors.ts'
import type { Host } from '../../core/host.ts'
import { Kubectl, type KubectlSettings } from '../../platforms/kubectl.ts'
import { checkAccess, type Need } from '../../platforms/kubectl-access.ts'
import { readYaml } from '../../source/read-yaml.ts'
import { plain } from '../../source/value.ts'
import { edit } from '../kubernetes/edit.ts'
import { CONFIG_HASH, canonical, DEPLOY, essence, type Pod, type Workload } from '../kubernetes/objects.ts'
import { isOurs, type Resource, type State, sameSpec, stateOfBackup, textOf } from '../kubernetes/resource.ts'
import { hopeless, isPodReady, isReady, isUpToDate, stateOf } from '../kubernetes/rollout.ts'
import { recordName, sharedStore } from '../kubernetes/shared-store.ts'
import { hashOf, type TargetAddress } from '../record.ts'
import { bothStores, diskStore, type RecordStore } from '../store.ts'
import type { Change, DeployTarget, Looked, Member, Stage, Wait, Wish } from '../target.ts'

const KIND = 'opentelemetrycollectors.opentelemetry.io'
const POLL_MS = 1000

/** An OpenTelemetryCollector resource: its operator turns it into a config map and a workload, and rolls that out. */
export class OperatorTarget implements DeployTarget {
  readonly name: string
  readonly slug: string
  readonly address: TargetAddress
  readonly store: RecordStore
  readonly #kubectl: Kubectl
  readonly #host: Host
  readonly #called: string

  private constructor(called: string, namespace: string, settings: KubectlSettings, host: Host) {
    this.#called = called
    this.#host = host
    this.#kubectl = new Kubectl(host.tools, { ...settings, namespace })
    const { context, kubeconfig } = settings
    this.name = `opentelemetrycollector/${called} in ${namespace}`
    this.slug = [context, namespace, 'opentelemetrycollector', called]
      .filter(Boolean)
      .join('-')
      .replace(/[^\w.-]/g, '_')
    this.address = { to: `opentelemetrycollector/${called}`, namespace, context, kubeconfig }
    this.store = bothStores(sharedStore(this.#kubectl, recordName('opentelemetrycollector', called)), diskStore(this.slug, host))
  }

  static async open(called: string, settings: KubectlSettings, host: Host): Promise<OperatorTarget> {
    return new OperatorTarget(called, await new Kubectl(host.tools, settings).namespace(), settings, host)
  }

  /** The server keeps values and no text: keys in order, no comments. */
  normal = (config: string): string => textOf(plain(readYaml('config', config)))

  async preflight({ canary, probes }: Wish): Promise<void> {
    if (canary)
      throw new FailoverctlError('wrong-use', `${this.name}: its operator restarts all of its pods`, 'Leave --canary out.')
    const record = recordName('opentelemetrycollector', this.#called)
    const needs: Need[] = [
      ['get', 'configmaps', record],
      ['create', 'configmaps'],
      ['update', 'configmaps', record],
      ['get', KIND, this.#called],
      ['update', KIND, this.#called],
      ['list', 'pods'],
      ['delete', 'pods'],
    ]
    if (probes) needs.push(['create', 'pods/portforward'])
    await checkAccess(this.#kubectl, needs)
  }

  async look(): Promise<Looked> {
    const resource = await this.#get()
    const { mode = 'deployment', config } = resource.spec
    if (!['deployment', 'statefulset', 'daemonset'].includes(mode))
      throw new FailoverctlError(
        'wrong-use',
        `${this.name} is a ${mode}: it has no pods of its own`,
        'Deploy it with the pods that it is put into.',
      )
    const workload = await this.#workload(mode)
    if (!isUpToDate(workload))
      throw new FailoverctlError(
        'rollout-running',
        `${this.name}: a rollout is running (${stateOf(workload)}); nothing was changed`,
        'Wait for it.',
      )
    const state: State = { resource, workload }
    const remarks = isReady(workload) ? [] : [`before the change not all pods are ready: ${stateOf(workload)}`]
    return { backup: { config: typeof config === 'string' ? this.normal(config) : textOf(config ?? {}), state }, remarks }
  }

  async rehearse(change: Change): Promise<void> {
    await this.#write(change, { dryRun: true })
  }

  stages(change: Change): Stage[] {
    return [{ name: 'all pods', steps: [{ name: `write ${this.address.to}`, make: () => this.#write(change) }] }]
  }

  async #write(change: Change, options = {}): Promise<void> {
    const { resource } = stateOfBackup(change)
    const config = typeof resource.spec.config === 'string' ? change.config : plain(readYaml('config', change.config))
    const hash = await hashOf(canonical(config))
    await edit<Resource>(
      this.#kubectl,
      KIND,
      this.#called,
      now => {
        if (canonical(now.spec) !== canonical(resource.spec)) throw this.#foreign(change, now)
        const annotations = { ...now.metadata.annotations, [DEPLOY]: change.id, [CONFIG_HASH]: hash }
        return { ...now, metadata: { ...now.metadata, annotations }, spec: { ...now.spec, config } }
      },
      options,
    )
  }

  async settle(change: Change, _: Stage, wait: Wait): Promise<string | undefined> {
    const until = this.#host.clock.now() + wait.withinMs
    const { workload: before } = stateOfBackup(change)
    for (;;) {
      const workload = await this.#child(change)
      const isTaken = (workload.metadata.generation ?? 0) !== before.metadata.generation
      if (isTaken && isUpToDate(workload) && isReady(workload)) return undefined
      const stuck = (await this.#pods(workload)).map(hopeless).find(Boolean)
      if (isTaken && stuck) return stuck
      if (this.#host.clock.now() >= until)
        return isTaken
          ? `not ready after ${Math.round(wait.withinMs / 1000)}s: ${stateOf(workload)}`
          : `the operator did nothing within ${Math.round(wait.withinMs / 1000)}s: does it run?`
      await wait.beat(isTaken ? stateOf(workload) : 'waiting for the operator')
      await sleep(this.#host.clock, POLL_MS, wait.signal)
    }
  }

  async inspect(change: Change): Promise<string | undefined> {
    const now = await this.#get()
    if (!(await isOurs(now, change))) throw this.#foreign(change, now)
    const workload = await this.#child(change)
    return isReady(workload) ? undefined : `not all pods are ready: ${stateOf(workload)}`
  }

  async members(change?: Change): Promise<Member[]> {
    const workload = change ? await this.#child(change) : await this.#workload((await this.#get()).spec.mode ?? 'deployment')
    return (await this.#pods(workload)).filter(isPodReady).map(({ metadata: { name } }) => ({
      name,
      reach: async ports => {
        const forwarding = await this.#kubectl.portForward(name, ports)
        return { url: port => `http://127.0.0.1:${forwarding.local(port)}`, close: () => forwarding.stop() }
      },
    }))
  }

  async restore(change: Change, wait: Wait): Promise<void> {
    const { resource, workload: before } = stateOfBackup(change)
    const found = await this.#get()
    const ours = await isOurs(found, change)
    await edit<Resource>(this.#kubectl, KIND, this.#called, now => {
      if (canonical(essence(now)) === canonical(essence(resource))) return undefined
      const back = {
        ...now,
        metadata: { ...now.metadata, annotations: resource.metadata.annotations ?? {} },
        spec: { ...now.spec, config: resource.spec.config },
      }
      const isSame = canonical(now.spec.config) === canonical(found.spec.config)
      if (!ours || !isSame || canonical(back.spec) !== canonical(resource.spec)) throw this.#foreign(change, now)
      return back
    })
    const until = this.#host.clock.now() + wait.withinMs
    while (this.#host.clock.now() < until) {
      const workload = await this.#child(change)
      if (sameSpec(workload, before) && isUpToDate(workload) && (isReady(workload) || !isReady(before))) return
      // A StatefulSet does not leave a pod that never got ready by itself.
      if (sameSpec(workload, before) && workload.kind === 'StatefulSet') await this.#clearAway(workload)
      await wait.beat(`back: ${stateOf(workload)}`)
      await sleep(this.#host.clock, POLL_MS)
    }
  }

  async #clearAway(workload: Workload): Promise<void> {
    for (const pod of await this.#pods(workload)) {
      const isOld = pod.metadata.labels?.['controller-revision-hash'] === workload.status?.updateRevision
      if (!isOld && !isPodReady(pod)) await this.#kubectl.delete('pod', pod.metadata.name, { wait: false })
    }
  }

  async differences(change: Change): Promise<string[]> {
    const { resource, workload: before } = stateOfBackup(change)
    const [now, workload] = [await this.#get(), await this.#child(change)]
    return [
      ...(canonical(essence(now)) === canonical(essence(resource)) ? [] : [`${this.address.to} is not as it was`]),
      ...(sameSpec(workload, before)
        ? []
        : [`${workload.kind} ${workload.metadata.name} is not as it was: the operator has not put it back`]),
      ...(isUpToDate(workload) ? [] : [`the way back is still under way: ${stateOf(workload)}`]),
      ...(isReady(workload) || !isReady(before) ? [] : [`not all pods are ready: ${stateOf(workload)}`]),
    ]
  }

  #foreign(change: Change, now: Resource): FailoverctlError {
    const { config } = now.spec
    const theirs = { before: change.backup.config, now: typeof config === 'string' ? this.normal(config) : textOf(config ?? {}) }
    const hint = `See it: kubectl get ${KIND} ${this.#called} -n ${this.address.namespace} -o yaml`
    return new FailoverctlError(
      'conflict',
      `somebody else changed ${this.address.to} in the meantime; it was left as it is`,
      hint,
      theirs,
    )
  }

  #get = (): Promise<Resource> => this.#kubectl.get<Resource>(KIND, this.#called)
  #workload = (mode: string): Promise<Workload> => this.#kubectl.get<Workload>(mode, `${this.#called}-collector`)
  #child = (change: Change): Promise<Workload> => this.#workload(stateOfBackup(change).workload.kind.toLowerCase())

  async #pods({ spec }: Workload): Promise<Pod[]> {
    const labels = Object.entries(spec.selector.matchLabels ?? {}).map(([name, value]) => `${name}=${value}`)
    return this.#kubectl.list<Pod>('pods', labels.join(','))
  }
}
