import type { Graph } from '../../../collector/graph.ts'
import { readGraph } from '../../../collector/read-graph.ts'
import type { Version } from '../../../collector/versions.ts'
import { FailoverctlError } from '../../../core/errors.ts'
import type { Host } from '../../../core/host.ts'
import type { Container } from '../../../platforms/container.ts'
import type { Docker } from '../../../platforms/docker.ts'
import { readConfig } from '../../../source/read-config.ts'

/** A container and what it does, where it is a collector. */
export interface Found {
  readonly container: Container
  /** What its `--config` means with its files and its environment; undefined where it names none, or cannot be read. */
  readonly graph: Graph | undefined
  /** Why there is no graph. */
  readonly why: string
}

/** Reads the config that a container was started with out of the container: baked in or mounted, running or stopped. */
export async function lookInto(container: Container, version: Version, docker: Docker, host: Host): Promise<Found> {
  const locations = configLocations(container)
  if (locations.length === 0) return { container, graph: undefined, why: 'it is started without --config' }
  const folder = await host.files.temporaryFolder('failoverctl-config')
  let count = 0
  const read = async (path: string) => {
    const copy = `${folder}/${++count}.yaml`
    await docker.copyOut(container, absolute(path, container.workingFolder), copy)
    return host.files.read(copy)
  }
  try {
    const { root } = await readConfig(locations, { read, env: container.env })
    return { container, graph: readGraph(root, version), why: '' }
  } catch (error) {
    if (!(error instanceof FailoverctlError)) throw error
    return { container, graph: undefined, why: error.message }
  } finally {
    await host.files.remove(folder)
  }
}

/** What `--config` names, in both ways of writing it. */
export function configLocations({ argv }: Pick<Container, 'argv'>): string[] {
  return argv.flatMap((word, index) => {
    const [, attached] = /^--?config=(.*)$/s.exec(word) ?? []
    if (attached !== undefined) return [attached]
    return /^--?config$/.test(word) ? (argv[index + 1] ?? []) : []
  })
}

const absolute = (path: string, folder: string): string => (path.startsWith('/') ? path : `${folder.replace(/\/$/, '')}/${path}`)
