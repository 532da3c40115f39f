import { FailoverctlError } from '../../../core/errors.ts'
import type { Address, Host } from '../../../core/host.ts'
import type { Container } from '../../../platforms/container.ts'
import type { Docker } from '../../../platforms/docker.ts'
import { NO_CONTAINER, NOT_PAUSED } from '../../../platforms/docker-errors.ts'
import type { PlannedFault } from '../../experiment.ts'
import { type Inverse, perform } from '../../inverse.ts'
import { isNetworkDeed, NETWORK_DEEDS, type NetworkDeed, prepareNetworkFault } from '../../network/network-fault.ts'
import { HOST, type Place } from '../../network/place.ts'
import type { Deed, Prepared, Subject } from '../../target.ts'

const DEEDS = ['stop', 'kill', 'pause'] as const satisfies readonly Deed[]
type ContainerDeed = (typeof DEEDS)[number]

/** What can be done to its packets. */
export interface ContainerNetwork {
  /** On its side: the port that senders use. Undefined: its packets cannot be told from others. */
  readonly to: Address | undefined
  readonly cannot: Partial<Record<NetworkDeed, string>>
  /** In every rule: `failoverctl:<run>`. */
  readonly mark: string
}

/** A container that can be made to fail. A fault meets the one that was found when it was prepared, and no other. */
export class ContainerSubject implements Subject {
  readonly name: string
  readonly can: ReadonlySet<Deed>
  readonly cannot: Partial<Record<Deed, string>>
  readonly container: Container
  #network: ContainerNetwork
  #docker: Docker
  #host: Host

  constructor(name: string, container: Container, network: ContainerNetwork, docker: Docker, host: Host) {
    this.name = name
    this.container = container
    this.#network = network
    this.#docker = docker
    this.#host = host
    this.cannot = network.cannot
    this.can = new Set([...DEEDS, ...NETWORK_DEEDS.filter(deed => network.cannot[deed] === undefined)])
  }

  async prepare(deed: Deed, fault: PlannedFault): Promise<Prepared> {
    const found = await this.#docker.container(this.container.id)
    checkRunning(found, this.#docker)
    const { to, mark } = this.#network
    if (isNetworkDeed(deed) && to) {
      return prepareNetworkFault(deed, fault, { place: placeOf(found), side: 'local', to, mark }, this.#host)
    }
    const does = DEEDS.find(one => one === deed)
    if (does) return this.#prepare(does, found)
    throw new FailoverctlError('not-embedded', `container ${found.name} cannot ${deed}`)
  }

  #prepare(deed: ContainerDeed, found: Container): Prepared {
    const inverse = inverseOf(deed, found, this.#docker)
    return {
      inverse,
      inject: async () => void (await this.#docker[deed](found)),
      undo: async () => {
        await this.beforeReturn()
        await perform(inverse, this.#host)
        await this.#checkBack(found)
      },
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
