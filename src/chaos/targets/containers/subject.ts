import { FailoverctlError } from '../../../core/errors.ts'
import type { Host } from '../../../core/host.ts'
import type { Container } from '../../../platforms/container.ts'
import type { Docker } from '../../../platforms/docker.ts'
import { NO_CONTAINER, NOT_PAUSED } from '../../../platforms/docker-errors.ts'
import { type Inverse, perform } from '../../inverse.ts'
import type { Deed, Prepared, Subject } from '../../target.ts'

const DEEDS = ['stop', 'kill', 'pause'] as const satisfies readonly Deed[]
type ContainerDeed = (typeof DEEDS)[number]

/** A container that can be made to fail. A fault meets the one that was found when it was prepared, and no other. */
export class ContainerSubject implements Subject {
  readonly name: string
  readonly can: ReadonlySet<Deed> = new Set(DEEDS)
  protected readonly container: Container
  #docker: Docker
  #host: Host

  constructor(name: string, container: Container, docker: Docker, host: Host) {
    this.name = name
    this.container = container
    this.#docker = docker
    this.#host = host
  }

  async prepare(deed: Deed): Promise<Prepared> {
    const does = deed as ContainerDeed
    const found = await this.#docker.container(this.container.id)
    checkRunning(found)
    const inverse = inverseOf(does, found, this.#docker)
    return {
      inverse,
      inject: async () => void (await this.#docker[does](found)),
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

/** Throws `no-process`. */
export function checkRunning(container: Container): void {
  if (container.status === 'running') return
  const hint = container.status === 'paused' ? `docker unpause ${container.name}` : `docker start ${container.name}`
  throw new FailoverctlError('no-process', `container ${container.name} does not run: ${stateOf(container)}`, hint)
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
