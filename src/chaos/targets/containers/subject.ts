import { FailoverctlError } from '../../../core/errors.ts'
import type { Address, Host } from '../../../core/host.ts'
import type { Container } from '../../../platforms/container.ts'
import type { Docker } from '../../../platforms/docker.ts'
import { NO_CONTAINER, NOT_PAUSED } from '../../../platforms/docker-errors.ts'
import type { PlannedFault } from '../../experiment.ts'
import { type Inverse, perform } from '../../inverse.ts'
import { prepareDiskFull } from '../../machine/disk-full.ts'
import { isNetworkDeed, NETWORK_DEEDS, type NetworkDeed, prepareNetworkFault } from '../../network/network-fault.ts'
import { HOST, type Place } from '../../network/place.ts'
import type { Deed, Prepared, Subject } from '../../target.ts'
import { configChange, configFileOf } from './config-change.ts'
import type { ContainerVolume } from './volume.ts'

const DEEDS = ['stop', 'kill', 'pause'] as const satisfies readonly Deed[]
type ContainerDeed = (typeof DEEDS)[number]

/** What can be done to its packets. */
export interface ContainerNetwork {
  /** On its side: the port that senders use. Undefined: its packets cannot be told from others. */
  readonly to: Address | undefined
  readonly cannot: Partial<Record<NetworkDeed, string>>
  /** Its mark is in every rule, and in the names of files that are kept. */
  readonly run: string
}

export interface ContainerPlan {
  readonly name: string
  readonly container: Container
  readonly network: ContainerNetwork
  readonly volume: ContainerVolume
}

/** A container that can be made to fail. A fault meets the one that was found when it was prepared, and no other. */
export class ContainerSubject implements Subject {
  readonly name: string
  readonly can: ReadonlySet<Deed>
  readonly cannot: Partial<Record<Deed, string>>
  readonly container: Container
  #network: ContainerNetwork
  #volume: ContainerVolume
  #docker: Docker
  #host: Host

  constructor({ name, container, network, volume }: ContainerPlan, docker: Docker, host: Host) {
    this.name = name
    this.container = container
    this.#network = network
    this.#volume = volume
    this.#docker = docker
    this.#host = host
    const isConfigured = configFileOf(container) !== undefined
    this.cannot = {
      ...network.cannot,
      ...('why' in volume && { 'disk-full': volume.why }),
      ...(!isConfigured && { config: 'it is started without a --config that is a file' }),
    }
    const deeds: readonly Deed[] = [...DEEDS, ...NETWORK_DEEDS, 'disk-full', 'config']
    this.can = new Set(deeds.filter(deed => this.cannot[deed] === undefined))
  }

  async prepare(deed: Deed, fault: PlannedFault): Promise<Prepared> {
    const found = await this.#docker.container(this.container.id)
    checkRunning(found, this.#docker)
    const { to, run } = this.#network
    if (isNetworkDeed(deed) && to) {
      return prepareNetworkFault(
        deed,
        fault,
        { place: placeOf(found), side: 'local', to, mark: `failoverctl:${run}` },
        this.#host,
      )
    }
    if (deed === 'disk-full' && 'path' in this.#volume) return prepareDiskFull(this.#volume.path, run, this.#host)
    if (deed === 'config' && fault.file !== undefined) {
      const { commands, inverse } = await configChange(found, fault.file, run, this.#docker, this.#host)
      return this.#prepared(found, inverse, () => this.#runAll(commands))
    }
    const does = DEEDS.find(one => one === deed)
    if (does) return this.#prepared(found, inverseOf(does, found, this.#docker), () => this.#docker[does](found))
    throw new FailoverctlError('not-embedded', `container ${found.name} cannot ${deed}`)
  }

  #prepared(found: Container, inverse: Inverse, inject: () => Promise<unknown>): Prepared {
    return {
      inverse,
      inject: async () => void (await inject()),
      undo: async () => {
        await this.beforeReturn()
        await perform(inverse, this.#host)
        await this.#checkBack(found)
      },
    }
  }

  async #runAll(commands: readonly (readonly string[])[]): Promise<void> {
    for (const words of commands) {
      const { code, err } = await this.#host.tools.run(words)
      if (code === 0) continue
      throw new FailoverctlError(
        'unwritable',
        `the config of ${this.container.name} cannot be changed: ${err.trim().split('\n')[0]}`,
      )
    }
  }

  /** What must be done before the container runs again. */
  protected async beforeReturn(): Promise<void> {}

  /** By its name: whoever made it anew meanwhile has brought it back as well. */
  async #checkBack({ name }: Container): Promise<void> {
    const now = await this.#docker.container(name).catch(error => Promise.reject(goneBy(name, error)))
    if (now.status === 'running' || now.status === 'restarting') return
    const hint = `What it said: ${[...this.#docker.engine.words, 'logs', '--tail', '20', name].join(' ')}`
    throw new FailoverctlError('no-process', `container ${name} does not run again: ${stateOf(now)}`, hint)
  }
}

/** Whose packets: those of the container's own network, or of this machine where it has none of its own. */
export const placeOf = ({ networkMode, pid }: Container): Place => (networkMode === 'host' ? HOST : { in: 'process', pid })

/** Throws `no-process`. */
export function checkRunning(container: Container, { engine }: Docker): void {
  if (container.status === 'running') return
  const words = [...engine.words, container.status === 'paused' ? 'unpause' : 'start', container.name]
  throw new FailoverctlError('no-process', `container ${container.name} does not run: ${stateOf(container)}`, words.join(' '))
}

const stateOf = ({ status, exitCode }: Container): string =>
  status === 'exited' ? `it has ended with ${exitCode}` : `it is ${status}`

// The name is what a person knows, and outlives the container where compose makes it anew.
function inverseOf(deed: ContainerDeed, { name }: Container, { engine }: Docker): Inverse {
  const verb = deed === 'pause' ? 'unpause' : 'start'
  return {
    do: 'run',
    commands: [[...engine.words, verb, name]],
    unlessSaid: deed === 'pause' ? [NOT_PAUSED, ...NO_CONTAINER] : NO_CONTAINER,
    what: deed === 'pause' ? `container ${name} goes on` : `container ${name} runs`,
  }
}

function goneBy(name: string, error: unknown): unknown {
  if (!(error instanceof FailoverctlError) || error.code !== 'no-such-object') return error
  return new FailoverctlError(
    'no-such-object',
    `container ${name} is gone: somebody removed it while it was made to fail`,
    'Make it anew (docker compose up -d, docker run), then: failoverctl chaos recover',
    error,
  )
}
