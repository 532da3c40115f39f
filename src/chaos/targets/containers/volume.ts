import type { Graph } from '../../../collector/graph.ts'
import { asText } from '../../../collector/settings.ts'
import { FailoverctlError } from '../../../core/errors.ts'
import type { Host } from '../../../core/host.ts'
import type { Docker } from '../../../platforms/docker.ts'
import { lookup } from '../../../source/value.ts'
import { mayNotFill } from '../../machine/disk-full.ts'
import { pathOnHost } from './arrival-files.ts'
import type { Found } from './running-config.ts'

/** A folder of this machine on the volume that a container writes to, or why that cannot be filled. */
export type ContainerVolume = { readonly path: string } | { readonly why: string }

/** Looks for the volume of its queues, and changes nothing. */
export async function volumeOf(
  { container, graph }: Pick<Found, 'container' | 'graph'>,
  isRootAllowed: boolean,
  { engine }: Docker,
  host: Host,
): Promise<ContainerVolume> {
  if (!engine.isLocal) return { why: 'its engine is on another machine' }
  const folder = graph && storageOf(graph)
  if (folder === undefined) return { why: 'its config has no file_storage with a directory' }
  const path = pathOnHost(container, folder)
  if (path === undefined) return { why: `${folder} is on no volume, but in the container itself` }
  // A volume that cannot be looked at stands against this one fault, and against no other.
  const why = await mayNotFill(path, isRootAllowed, host).catch(problemOf)
  return why === undefined ? { path } : { why }
}

function problemOf(error: unknown): string {
  if (error instanceof FailoverctlError) return error.message
  throw error
}

/** Where its queues outlive it. */
export function storageOf({ extensions, components }: Graph): string | undefined {
  const used = extensions.flatMap(({ id }) => components.extensions.get(id) ?? [])
  return used
    .map(({ type, settings }) => (type === 'file_storage' ? asText(lookup(settings, 'directory')) : undefined))
    .find(Boolean)
}
