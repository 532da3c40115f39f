import type { Graph } from '../../collector/graph.ts'
import { FailoverctlError } from '../../core/errors.ts'
import type { Host } from '../../core/host.ts'
import type { Container } from '../../platforms/container.ts'
import { Docker } from '../../platforms/docker.ts'
import type { Target } from '../target.ts'
import { lookInto } from './containers/running-config.ts'
import { type ContainerSettings, containerTarget } from './containers/target.ts'

/** Containers that run already, as the project file names them: by name, id, or label (`label=app=primary`). */
export interface DockerSettings extends ContainerSettings {
  /** `docker`, `podman`, or a path of either. */
  readonly command: string
}

/** Touches no container but those that the settings name. */
export async function dockerTarget(settings: DockerSettings, graph: Graph, run: string, host: Host): Promise<Target> {
  const docker = await Docker.connect(settings.command, host)
  const { collector, backends = {} } = settings
  const words = [collector, ...Object.values(backends).map(({ container }) => container)].filter(word => word !== undefined)
  const byWord = new Map<string, Container>()
  for (const word of words) byWord.set(word, await containerCalled(word, docker))
  const containers = new Map([...byWord.values()].map(container => [container.id, container]))
  const found = await Promise.all([...containers.values()].map(container => lookInto(container, graph.version, docker, host)))
  const called = (word: string) => {
    const id = byWord.get(word)?.id
    const meant = found.find(({ container }) => container.id === id)
    if (meant) return meant
    throw new FailoverctlError('bug', `container ${word} was not looked up`)
  }
  return containerTarget({ name: 'containers', settings, found, called }, graph, run, docker, host)
}

const LABEL = 'label='

async function containerCalled(word: string, docker: Docker): Promise<Container> {
  if (!word.startsWith(LABEL)) return docker.container(word)
  const label = word.slice(LABEL.length)
  const [found, ...others] = await docker.labelled([label])
  if (found && others.length === 0) return found
  const several = [found, ...others].flatMap(container => container?.name ?? []).join(', ')
  throw new FailoverctlError(
    found ? 'wrong-use' : 'no-such-object',
    found ? `several containers have the label ${label}: ${several}` : `no container has the label ${label}`,
    'Name one container, or a label that only one has: docker ps --all --filter label=…',
  )
}
