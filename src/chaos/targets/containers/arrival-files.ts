import type { Graph } from '../../../collector/graph.ts'
import type { Disk, OpenFile } from '../../../core/disk.ts'
import { FailoverctlError } from '../../../core/errors.ts'
import type { Host } from '../../../core/host.ts'
import type { Container } from '../../../platforms/container.ts'
import type { Docker } from '../../../platforms/docker.ts'
import { jsonLinesPath } from '../json-lines.ts'

/** Where a collector's config writes traces as JSON lines: the first such file exporter; `why` there is none. */
export function fileOfTraces(graph: Graph): { readonly path: string } | { readonly why: string } {
  const carrying = [...graph.pipelines.values()].filter(({ signal }) => signal === 'traces')
  const exporters = carrying.flatMap(pipeline => pipeline.exporters.flatMap(({ id }) => graph.components.exporters.get(id) ?? []))
  const files = exporters.filter(({ type }) => type === 'file')
  if (files.length === 0) return { why: 'its config has no file exporter in a pipeline of traces' }
  const path = files.map(jsonLinesPath).find(each => each)
  if (path) return { path }
  return { why: `${files.map(({ id }) => id).join(', ')} does not write plain JSON lines` }
}

/** A file that grows, and how it is read. */
export interface ArrivalFile {
  readonly path: string
  readonly disk: Pick<Disk, 'look' | 'open'>
  /** It is asked for anew so often at most. Milliseconds. */
  readonly everyMs: number
  /** Each look is a copy of the whole file. */
  readonly isCopied: boolean
}

const LOOKED_AT_EVERY_MS = 100
const COPIED_EVERY_MS = 1000

export const fileHere = (path: string, { disk }: Pick<Host, 'disk'>): ArrivalFile => ({
  path,
  disk,
  everyMs: LOOKED_AT_EVERY_MS,
  isCopied: false,
})

/** A file in a container: by its volume, where that can be read from here, otherwise as a copy in a folder that is made then. */
export async function fileInContainer(
  container: Container,
  path: string,
  folder: () => Promise<string>,
  docker: Docker,
  host: Host,
): Promise<ArrivalFile> {
  const here = docker.engine.isLocal ? pathOnHost(container, path) : undefined
  if (here !== undefined && (await canRead(here, host))) return fileHere(here, host)
  const copy = `${await folder()}/${container.id.slice(0, 12)}.jsonl`
  return { path: copy, disk: copiedDisk(container, path, docker, host.disk), everyMs: COPIED_EVERY_MS, isCopied: true }
}

/** Where the engine's machine has it; undefined where it is in the container alone. */
export function pathOnHost({ mounts }: Pick<Container, 'mounts'>, path: string): string | undefined {
  const holding = mounts
    .filter(({ kind, source }) => source !== '' && (kind === 'bind' || kind === 'volume'))
    .filter(({ target }) => path === target || path.startsWith(`${target.replace(/\/$/, '')}/`))
    .sort((a, b) => b.target.length - a.target.length)[0]
  return holding && holding.source + path.slice(holding.target.replace(/\/$/, '').length)
}

async function canRead(path: string, { disk, files }: Pick<Host, 'disk' | 'files'>): Promise<boolean> {
  const found = await disk.look(path).catch(() => undefined)
  if (!found) return ['writable', 'read-only'].includes(await files.folder(path.slice(0, path.lastIndexOf('/')) || '/'))
  try {
    await (await disk.open(path)).close()
    return true
  } catch {
    return false
  }
}

/** The file as its engine hands it out: copied before each look. It counts as one file, whatever the copy is. */
function copiedDisk(container: Container, path: string, docker: Docker, disk: Disk): ArrivalFile['disk'] {
  const isThere = async (copy: string) => {
    try {
      await docker.copyOut(container, path, copy)
      return true
    } catch (error) {
      if (error instanceof FailoverctlError && error.code === 'no-such-file') return false
      throw error
    }
  }
  return {
    async look(copy) {
      const found = (await isThere(copy)) ? await disk.look(copy) : undefined
      return found && { ...found, device: container.id, inode: path }
    },
    open: async copy => newestCopy(copy, disk),
  }
}

/** A new copy is another file: it is opened for each read. */
function newestCopy(copy: string, disk: Disk): OpenFile {
  const opened = async <T>(read: (file: OpenFile) => Promise<T>): Promise<T> => {
    const file = await disk.open(copy)
    try {
      return await read(file)
    } finally {
      await file.close()
    }
  }
  return {
    stat: () => opened(file => file.stat()),
    read: (into, at) => opened(file => file.read(into, at)),
    async *unpack(as) {
      yield* (await disk.open(copy)).unpack(as)
    },
    close: async () => {},
  }
}
