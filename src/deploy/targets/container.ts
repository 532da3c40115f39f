import { sleep } from '../../core/clock.ts'
import { FailoverctlError } from '../../core/errors.ts'
import type { Host } from '../../core/host.ts'
import type { Container } from '../../platforms/container.ts'
import { Docker } from '../../platforms/docker.ts'
import { configOnHost, urlOf } from '../containers/on-this-machine.ts'
import { type Backup, hashOf, type TargetAddress } from '../record.ts'
import { diskStore, type RecordStore, readText } from '../store.ts'
import type { Change, DeployTarget, Looked, Member, Stage, Wait, Wish } from '../target.ts'

export interface ContainerSettings {
  /** `docker` or `podman`. */
  readonly engine?: string | undefined
  readonly composeProject?: string | undefined
}

interface State {
  /** On this machine. */
  readonly path: string
  readonly names: readonly string[]
}

const SERVICE = 'com.docker.compose.service'
const PROJECT = 'com.docker.compose.project'
const POLL_MS = 500
/** A collector that cannot load its config has ended by then. */
const STARTS_MS = 2000
const RESTART_MS = 120_000

/** The containers of a Compose service, or one container, whose config is a file of this machine. A restart makes them read it. */
export class ContainerTarget implements DeployTarget {
  readonly name: string
  readonly slug: string
  readonly address: TargetAddress
  readonly store: RecordStore
  readonly #kind: 'compose' | 'container'
  readonly #called: string
  readonly #settings: ContainerSettings
  readonly #docker: Docker
  readonly #host: Host

  private constructor(kind: 'compose' | 'container', called: string, settings: ContainerSettings, docker: Docker, host: Host) {
    this.#kind = kind
    this.#called = called
    this.#settings = settings
    this.#docker = docker
    this.#host = host
    this.name = `${kind}/${called}`
    this.slug = [settings.composeProject, kind, called]
      .filter(Boolean)
      .join('-')
      .replace(/[^\w.-]/g, '_')
    this.address = { to: this.name, engine: settings.engine, composeProject: settings.composeProject }
    this.store = diskStore(this.slug, host)
  }

  static async open(
    kind: 'compose' | 'container',
    called: string,
    settings: ContainerSettings,
    host: Host,
  ): Promise<ContainerTarget> {
    const docker = await Docker.connect(settings.engine ?? 'docker', host)
    return new ContainerTarget(kind, called, settings, docker, host)
  }

  async preflight({ canary }: Wish): Promise<void> {
    if (canary) throw new FailoverctlError('wrong-use', `${this.name}: all its containers read one file`, 'Leave --canary out.')
    if (!this.#docker.engine.isLocal)
      throw new FailoverctlError(
        'no-access',
        `${this.name}: its engine is on another machine, and so is its config`,
        'Run this there.',
      )
  }

  async look(): Promise<Looked> {
    const containers = await this.#containers()
    const paths = [...new Set(containers.map(configOnHost))]
    const [path] = paths
    if (path === undefined || paths.length > 1)
      throw new FailoverctlError(
        'no-such-object',
        `${this.name}: no file of this machine is mounted where --config of ${containers[0]?.name} points to`,
        'Mount the config as a file or a folder: ./config.yaml:/etc/otelcol/config.yaml',
      )
    const config = await readText(path, this.#host)
    if (config === undefined) throw new FailoverctlError('no-such-file', `${path}: no such file`)
    const down = containers.filter(({ status }) => status !== 'running')
    const remarks = down.map(({ name, status }) => `before the change ${name} is ${status}`)
    const state: State = { path, names: containers.map(({ name }) => name) }
    return { backup: { config, state }, remarks }
  }

  async rehearse(change: Change): Promise<void> {
    const { path } = stateOf(change.backup)
    const folder = path.slice(0, path.lastIndexOf('/')) || '/'
    if ((await this.#host.files.folder(folder)) === 'read-only')
      throw new FailoverctlError('unwritable', `${folder}: may not be written to; nothing was changed`, 'Run it as its owner.')
  }

  stages(change: Change): Stage[] {
    const { path, names } = stateOf(change.backup)
    const write = async () => {
      if ((await readText(path, this.#host)) !== change.backup.config) throw await this.#foreign(change)
      await this.#host.files.write(path, new TextEncoder().encode(change.config))
    }
    // A file that is replaced is another one to a container that has it mounted, until it starts again.
    const restart = (name: string) => ({ name: `restart ${name}`, make: () => this.#restart(name) })
    return [{ name: 'all containers', steps: [{ name: `write ${path}`, make: write }, ...names.map(restart)] }]
  }

  async settle(_: Change, __: Stage, wait: Wait): Promise<string | undefined> {
    await wait.beat('the collectors start')
    await sleep(this.#host.clock, STARTS_MS, wait.signal)
    return this.#down()
  }

  async inspect(change: Change): Promise<string | undefined> {
    if ((await hashOf((await readText(stateOf(change.backup).path, this.#host)) ?? '')) !== change.hash)
      throw await this.#foreign(change)
    return this.#down()
  }

  async #down(): Promise<string | undefined> {
    const containers = await this.#containers()
    const down = containers.find(({ status }) => status !== 'running')
    if (down) return `container ${down.name} is ${down.status}${down.exitCode === 0 ? '' : `, it ended with ${down.exitCode}`}`
    // It runs just now; it has ended before, and a restart policy has started it again.
    const again = containers.find(({ restarts }) => restarts > 0)
    return again && `container ${again.name} was restarted ${again.restarts} times by its engine`
  }

  async members(): Promise<Member[]> {
    return (await this.#containers())
      .filter(({ status }) => status === 'running')
      .map(container => ({
        name: container.name,
        reach: async () => ({ url: port => urlOf(container, port), close: async () => {} }),
      }))
  }

  async restore(change: Change, wait: Wait): Promise<void> {
    const { path, names } = stateOf(change.backup)
    const now = await readText(path, this.#host)
    if (now !== change.backup.config) {
      if (now !== undefined && (await hashOf(now)) !== change.hash) throw await this.#foreign(change)
      await this.#host.files.write(path, new TextEncoder().encode(change.backup.config))
    }
    for (const name of names) await this.#restart(name)
    const until = this.#host.clock.now() + Math.min(wait.withinMs, 30_000)
    await sleep(this.#host.clock, STARTS_MS)
    while ((await this.#down()) && this.#host.clock.now() < until) {
      await wait.beat('the collectors start with the old config')
      await sleep(this.#host.clock, POLL_MS)
    }
  }

  async differences(change: Change): Promise<string[]> {
    const { path } = stateOf(change.backup)
    const down = await this.#down()
    return [
      ...((await readText(path, this.#host)) === change.backup.config ? [] : [`${path} is not as it was`]),
      ...(down ? [down] : []),
    ]
  }

  async #restart(name: string): Promise<void> {
    await this.#docker.ask(`restart ${name}`, ['restart', name], { timeoutMs: RESTART_MS })
  }

  async #containers(): Promise<Container[]> {
    if (this.#kind === 'container') return [await this.#docker.container(this.#called)]
    const { composeProject } = this.#settings
    const found = (await this.#docker.labelled([`${SERVICE}=${this.#called}`])).filter(
      ({ labels }) => composeProject === undefined || labels[PROJECT] === composeProject,
    )
    const projects = [...new Set(found.map(({ labels }) => labels[PROJECT] ?? ''))]
    if (projects.length > 1)
      throw new FailoverctlError(
        'wrong-use',
        `several projects have a service ${this.#called}: ${projects.join(', ')}`,
        'Name one: --compose-project',
      )
    if (found.length === 0)
      throw new FailoverctlError(
        'no-such-object',
        `no container of a Compose service ${this.#called} is there`,
        'Start it first: docker compose up -d',
      )
    return found
  }

  async #foreign(change: Change): Promise<FailoverctlError> {
    const { path } = stateOf(change.backup)
    const theirs = { before: change.backup.config, now: (await readText(path, this.#host)) ?? '' }
    return new FailoverctlError(
      'conflict',
      `somebody else changed ${path} in the meantime; it was left as it is`,
      undefined,
      theirs,
    )
  }
}

const stateOf = ({ state }: Backup): State => state as State
