import type { Graph } from '../../collector/graph.ts'
import { FailoverctlError } from '../../core/errors.ts'
import type { Host } from '../../core/host.ts'
import { nearest } from '../../core/nearest.ts'
import { type ComposeProject, containersOfProject, serviceOf } from '../../platforms/compose.ts'
import { Docker } from '../../platforms/docker.ts'
import type { Target } from '../target.ts'
import { lookInto } from './containers/running-config.ts'
import { type ContainerSettings, containerTarget } from './containers/target.ts'

/** Containers that compose made from a file; `collector` and `container` are names of services. */
export interface ComposeSettings extends ContainerSettings, ComposeProject {
  /** `docker`, `podman`, or a path of either. */
  readonly command: string
}

/** Touches no container but those of the project. */
export async function composeTarget(settings: ComposeSettings, graph: Graph, run: string, host: Host): Promise<Target> {
  const docker = await Docker.connect(settings.command, host)
  const containers = await containersOfProject(settings, docker, host)
  const found = await Promise.all(containers.map(container => lookInto(container, graph.version, docker, host)))
  const called = (word: string) => {
    const meant = found.filter(({ container }) => serviceOf(container) === word || container.name === word)
    const [one, ...others] = meant
    if (one && others.length === 0) return one
    const services = [...new Set(containers.flatMap(container => serviceOf(container) ?? []))]
    const guess = one ? undefined : nearest(word, services)
    throw new FailoverctlError(
      one ? 'wrong-use' : 'no-such-object',
      one
        ? `service ${word} has ${meant.length} containers: which is meant?`
        : `${settings.file} has no container of a service ${word}`,
      one
        ? `Name one of ${meant.map(({ container }) => container.name).join(', ')}.`
        : `${guess ? `Did you mean ${guess}? ` : ''}The services are ${services.join(', ')}.`,
    )
  }
  return containerTarget({ name: `the containers of ${settings.file}`, settings, found, called }, graph, run, docker, host)
}
