import { FailoverctlError } from '../../../core/errors.ts'
import type { Container } from '../../../platforms/container.ts'
import type { Docker } from '../../../platforms/docker.ts'
import { NO_CONTAINER } from '../../../platforms/docker-errors.ts'
import type { Inverse, World } from '../../inverse.ts'
import { pathOnHost } from './arrival-files.ts'
import { configLocations } from './running-config.ts'

/** A change of what a container reads, as words for programs, and what takes it back. */
export interface ContainerConfigChange {
  readonly commands: readonly (readonly string[])[]
  readonly inverse: Inverse & { readonly do: 'run' }
}

/** The first file among what its `--config` names; undefined where there is none. */
export function configFileOf(container: Pick<Container, 'argv' | 'workingFolder'>): string | undefined {
  const paths = configLocations(container).map(location => location.replace(/^file:/, ''))
  const path = paths.find(location => !/^[a-z]{2,}:/.test(location))
  return path === undefined || path.startsWith('/') ? path : `${container.workingFolder.replace(/\/$/, '')}/${path}`
}

/**
 * A config is rolled out, and back, and its collector told by SIGHUP. A file that is mounted is written in place, since the container
 * would go on with the old one behind its name; any other is copied in. A collector that has ended of it is started again.
 */
export async function configChange(
  container: Container,
  changed: string,
  run: string,
  docker: Docker,
  { files }: Pick<World, 'files'>,
): Promise<ContainerConfigChange> {
  await files.read(changed)
  const { engine } = docker
  const inside = configFileOf(container) ?? ''
  const here = engine.isLocal ? pathOnHost(container, inside) : undefined
  if (here === undefined && container.mounts.some(({ target }) => inside === target || inside.startsWith(`${target}/`))) {
    const hint = 'Run failoverctl there, where the file of the mount is.'
    throw new FailoverctlError('not-embedded', `${inside} of ${container.name} is mounted from another machine`, hint)
  }
  const { id, name } = container
  const signal = (whom: string) => [...engine.words, 'kill', '--signal', 'HUP', whom]
  const kept = here === undefined ? `.failoverctl/${name}-config-${run}` : `${here}.failoverctl-${run}`
  const copy = (from: string, to: string) => (here === undefined ? [...engine.words, 'cp', from, to] : ['cp', '--', from, to])
  const where = (whom: string) => here ?? `${whom}:${inside}`
  return {
    commands: [copy(where(id), kept), copy(changed, where(id)), signal(id)],
    inverse: {
      do: 'run',
      commands: [copy(kept, where(name)), ['rm', '-f', '--', kept], signal(name), [...engine.words, 'start', name]],
      // Without the old one beside it, the config was never changed, or is back already.
      unlessSaid: [`cannot stat '${kept}'`, 'no such file or directory', 'is not running', ...NO_CONTAINER],
      what: `container ${name} reads its config of before`,
    },
  }
}
