import { FailoverctlError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import type { ToolOptions } from '../core/tools.ts'
import { type Container, type Inspected, readContainer } from './container.ts'
import { dockerError } from './docker-errors.ts'

/** The engine that answers. */
export interface Engine {
  /** The words by which another process reaches the same one, whatever its environment says: `docker --context prod`. */
  readonly words: readonly string[]
  /** Its socket; undefined where the client does not say. */
  readonly address: string | undefined
  /** On this machine: the files of its volumes and the addresses of its containers may be ours to reach. */
  readonly isLocal: boolean
}

const ANSWERS_WITHIN_MS = 30_000

/**
 * A client of a container engine, over the `docker` or `podman` of this machine. Every failure is a FailoverctlError: `no-such-tool`,
 * `no-answer` (no engine), `no-access` (its socket is closed to this user), `no-such-object`, `no-such-file`, `tool-failed`.
 */
export class Docker {
  readonly engine: Engine
  #tools: Host['tools']

  private constructor(engine: Engine, tools: Host['tools']) {
    this.engine = engine
    this.#tools = tools
  }

  /** Finds the engine that is meant and asks whether it answers. `command` is `docker`, `podman`, or a path of either. */
  static async connect(command: string, { tools, env }: Pick<Host, 'tools' | 'env'>): Promise<Docker> {
    const engine = isPodman(command) ? podmanEngine(command, env) : await dockerEngine(command, { tools, env })
    const docker = new Docker(engine, tools)
    await docker.ask('version', ['version', '--format', '{{json .}}'])
    return docker
  }

  /** Throws `no-such-object`. */
  async container(nameOrId: string): Promise<Container> {
    const [found] = await this.#inspect([nameOrId])
    return found as Container
  }

  /** With these labels (`app=primary`, or `app` with whatever value), those that do not run included. */
  async labelled(labels: readonly string[]): Promise<Container[]> {
    const filters = labels.flatMap(label => ['--filter', `label=${label}`])
    const ids = await this.ask('ps', ['ps', '--all', '--quiet', '--no-trunc', ...filters])
    const all = ids.split('\n').filter(id => id !== '')
    return all.length === 0 ? [] : this.#inspect(all)
  }

  async #inspect(names: readonly string[]): Promise<Container[]> {
    const text = await this.ask(`inspect ${names.join(' ')}`, ['container', 'inspect', ...names])
    return (JSON.parse(text) as Inspected[]).map(readContainer)
  }

  /** Asks it to end, and kills it when it does not within its time. Nothing happens where it does not run. */
  async stop({ id, name, stopWithinMs }: Container): Promise<void> {
    await this.ask(`stop ${name}`, ['stop', id], { timeoutMs: stopWithinMs + ANSWERS_WITHIN_MS })
  }

  kill = ({ id, name }: Container): Promise<unknown> => this.ask(`kill ${name}`, ['kill', id])

  /** All its processes stand still; its connections stay open. */
  pause = ({ id, name }: Container): Promise<unknown> => this.ask(`pause ${name}`, ['pause', id])

  /** Needs no program in the container, and works while it does not run. Throws `no-such-file`. */
  async copyOut({ id, name }: Container, path: string, to: string): Promise<void> {
    // Podman follows links anyway, and does not know the word.
    const follow = isPodman(this.engine.words[0] ?? '') ? [] : ['--follow-link']
    await this.ask(`cp ${name}:${path}`, ['cp', ...follow, `${id}:${path}`, to])
  }

  /** Runs it to its end, and answers with what it prints. `what` is for a person. */
  async ask(what: string, words: readonly string[], options: ToolOptions = {}): Promise<string> {
    const run = await this.#tools.run([...this.engine.words, ...words], { timeoutMs: ANSWERS_WITHIN_MS, ...options })
    if (run.code !== 0) throw dockerError(commandName(this.engine.words[0] ?? ''), what, run)
    return run.out
  }
}

/** DOCKER_HOST and the chosen context are read once, so that an undo later meets the same engine. */
async function dockerEngine(command: string, { tools, env }: Pick<Host, 'tools' | 'env'>): Promise<Engine> {
  const run = await tools.run([command, 'context', 'inspect'], { timeoutMs: ANSWERS_WITHIN_MS })
  // Podman that is called docker has no contexts.
  if (run.code !== 0 && /unrecognized command|unknown command/.test(run.err)) return podmanEngine(command, env)
  if (run.code !== 0) throw dockerError(commandName(command), 'context inspect', run)
  const [context] = parse<{ readonly Name?: string; readonly Endpoints?: { readonly docker?: { readonly Host?: string } } }[]>(
    run.out,
    `${command} context inspect`,
  )
  const address = context?.Endpoints?.docker?.Host
  const name = context?.Name ?? 'default'
  const chosen = name !== 'default' ? ['--context', name] : env.DOCKER_HOST ? ['--host', env.DOCKER_HOST] : []
  return { words: [command, ...chosen], address, isLocal: isLocalSocket(address) }
}

function podmanEngine(command: string, env: Host['env']): Engine {
  const address = env.CONTAINER_HOST
  return { words: [command, ...(address ? ['--url', address] : [])], address, isLocal: isLocalSocket(address) }
}

const isLocalSocket = (address: string | undefined): boolean => address === undefined || /^(?:unix|npipe):/.test(address)
const isPodman = (command: string): boolean => commandName(command).startsWith('podman')
const commandName = (command: string): string => command.split(/[\\/]/).at(-1) ?? command

function parse<T>(text: string, from: string): T {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new FailoverctlError('tool-failed', `${from} answered with what is no JSON`, undefined, error)
  }
}
