import { type Clock, sleep } from '../../../core/clock.ts'
import { FailoverctlError } from '../../../core/errors.ts'
import type { Kubectl } from '../../../platforms/kubectl.ts'
import type { PlannedFault } from '../../experiment.ts'
import type { Inverse } from '../../inverse.ts'
import { perform, type World } from '../../inverse.ts'
import type { Deed, Prepared, Subject } from '../../target.ts'
import { podsOf, readyPods, type Workload } from './workload.ts'

/** How long pods may take to end, and to come back. */
const ENDS_WITHIN_MS = 60_000
const READY_WITHIN = '50s'
const POLL_MS = 200

/** What each deed needs to be allowed, besides reading. Of the workload's own kind where no resource is named. */
const NEEDS: Readonly<Partial<Record<Deed, readonly (readonly [verb: string, resource: string | undefined])[]>>> = {
  stop: [['patch', undefined]],
  kill: [['delete', 'pods']],
  partition: [
    ['create', 'networkpolicies.networking.k8s.io'],
    ['delete', 'networkpolicies.networking.k8s.io'],
  ],
  'node-loss': [
    ['patch', 'nodes'],
    ['delete', 'pods'],
  ],
}

const NEVER = {
  pause: 'a process cannot be paused from inside of its own container',
  config: 'failoverctl deploy changes the config of a workload, and goes back when something is wrong',
  'disk-full': 'a volume of the cluster is filled from inside of a pod, and the image of a collector has no program for it',
} satisfies Partial<Record<Deed, string>>

/** Pods that can be ended, killed, cut off, or lose their nodes. */
export class KubernetesSubject implements Subject {
  readonly name: string
  can: ReadonlySet<Deed> = new Set()
  cannot: Partial<Record<Deed, string>> = { ...NEVER }
  readonly workload: Workload | undefined
  #policy: NetworkPolicySpec | undefined
  #kubectl: Kubectl
  #world: World
  #run: string

  /** `policy`: what cuts it off; undefined: its own pods take nothing more. */
  constructor(
    name: string,
    workload: Workload | undefined,
    policy: NetworkPolicySpec | undefined,
    run: string,
    kubectl: Kubectl,
    world: World,
  ) {
    this.name = name
    this.workload = workload
    this.#policy = policy ?? (workload && { podSelector: workload.podSelector, policyTypes: ['Ingress'] })
    this.#run = run
    this.#kubectl = kubectl
    this.#world = world
  }

  /** Asks the cluster what may be done, before anything is. */
  async ask(): Promise<this> {
    const can = new Set<Deed>()
    for (const [deed, needs] of Object.entries(NEEDS) as [Deed, (typeof NEEDS)['stop'] & object][]) {
      const why = this.#impossible(deed) ?? (await this.#forbidden(needs))
      if (why === undefined) can.add(deed)
      else this.cannot[deed] = why
    }
    this.can = can
    return this
  }

  #impossible(deed: Deed): string | undefined {
    if (deed === 'partition') return this.#policy ? undefined : 'the project file names neither its workload nor its cidr'
    if (!this.workload) return 'the project file names no workload of it'
    return deed === 'stop' && this.workload.kind === 'daemonset' ? 'a DaemonSet cannot be scaled to nothing' : undefined
  }

  async #forbidden(needs: readonly (readonly [verb: string, resource: string | undefined])[]): Promise<string | undefined> {
    for (const [verb, resource] of needs) {
      const named = resource ?? `${this.workload?.kind}s/scale`
      if (!(await this.#kubectl.canI(verb, named))) return `nobody has given the right to ${verb} ${named}`
    }
    return undefined
  }

  async prepare(deed: Deed, fault: PlannedFault): Promise<Prepared> {
    const prepared = deed === 'partition' ? this.#cutOff() : await this.#withPods(deed, this.workload as Workload)
    if (prepared) return { ...prepared, undo: async () => void (await perform(prepared.inverse, this.#world)) }
    throw new FailoverctlError('not-embedded', `${this.name} cannot ${fault.kind}`)
  }

  async #withPods(deed: Deed, workload: Workload): Promise<Ready | undefined> {
    const pods = await readyPods(workload, this.#kubectl)
    if (deed === 'stop') return this.#scaleDown(workload)
    if (deed === 'kill') return { inverse: this.#comesBack(workload, []), inject: () => this.#kill(pods.map(podName)) }
    if (deed !== 'node-loss') return undefined
    const nodes = [...new Set(pods.flatMap(({ spec }) => spec.nodeName ?? []))]
    return {
      inverse: this.#comesBack(
        workload,
        nodes.map(node => ['uncordon', node]),
      ),
      inject: async () => {
        for (const node of nodes) await this.#must(['cordon', node])
        await this.#kill(pods.map(podName))
      },
    }
  }

  #scaleDown(workload: Workload): Ready {
    const { id, replicas } = workload
    if (replicas === 0) throw new FailoverctlError('no-process', `${id} has no replicas: there is nothing to stop`)
    return {
      inverse: this.#comesBack(workload, [['scale', id, `--replicas=${replicas}`]]),
      inject: async () => {
        await this.#kubectl.scale(id, 0)
        const { clock } = this.#world
        for (const until = clock.now() + ENDS_WITHIN_MS; (await podsOf(workload, this.#kubectl)).length > 0; ) {
          if (clock.now() > until) throw new FailoverctlError('no-process', `the pods of ${id} do not end`)
          await sleep(clock as Clock, POLL_MS)
        }
      },
    }
  }

  async #kill(pods: readonly string[]): Promise<void> {
    for (const pod of pods) await this.#kubectl.delete('pod', pod, { graceSeconds: 0, wait: false })
  }

  #cutOff(): Ready {
    const name = `failoverctl-${this.#run.slice(0, 8)}-${this.name.replaceAll(/[^a-z0-9-]/gi, '-').toLowerCase()}`.slice(0, 60)
    return {
      inverse: {
        do: 'run',
        commands: [this.#kubectl.words(['delete', 'networkpolicy', name, '--ignore-not-found'])],
        what: `network policy ${name} is gone`,
      },
      inject: async () => {
        await this.#kubectl.create({
          apiVersion: 'networking.k8s.io/v1',
          kind: 'NetworkPolicy',
          metadata: { name, labels: { 'app.kubernetes.io/managed-by': 'failoverctl' } },
          spec: this.#policy,
        })
      },
    }
  }

  /** After these commands all of its replicas are there again. */
  #comesBack({ id, replicas }: Workload, commands: readonly (readonly string[])[]): Inverse & { readonly do: 'run' } {
    const back = [...commands, ['rollout', 'status', id, `--timeout=${READY_WITHIN}`]]
    return {
      do: 'run',
      commands: back.map(words => this.#kubectl.words(words)),
      what: `${id} has its ${replicas} replica${replicas === 1 ? '' : 's'} again`,
    }
  }

  async #must(words: readonly string[]): Promise<void> {
    const { code, err } = await this.#kubectl.run(words)
    if (code !== 0) throw new FailoverctlError('tool-failed', `kubectl ${words.join(' ')}: ${err.trim().split('\n')[0]}`)
  }
}

interface Ready {
  readonly inverse: Inverse
  inject(): Promise<void>
}

/** What a NetworkPolicy says of the pods that it selects. */
export interface NetworkPolicySpec {
  readonly podSelector: unknown
  readonly policyTypes: readonly ('Ingress' | 'Egress')[]
  readonly egress?: readonly unknown[]
}

const podName = ({ metadata }: { readonly metadata: { readonly name: string } }) => metadata.name
