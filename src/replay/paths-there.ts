import type { Disk } from '../core/disk.ts'
import type { Files } from '../core/host.ts'
import { folderOf } from './folder-of.ts'

interface World {
  readonly disk: Pick<Disk, 'look'>
  readonly files: Pick<Files, 'glob'>
}

interface Seen {
  readonly path: string
  readonly done?: unknown
}

const MAGIC = /[*?[\]{}]/

/** The folder that a name stands in, or the one below which a pattern looks: the same whatever is in it by now. */
export const folderAbove = (path: string): string => folderOf(path.split(MAGIC, 1)[0] as string)

/** Whether anything has this name, or matches it. */
export const isThere = async (path: string, { disk, files }: World): Promise<boolean> =>
  (await disk.look(path)) !== undefined || (await files.glob([path])).length > 0

/**
 * The paths without those whose files an earlier run, or an earlier look of this one, has put away: that is an end, and no mistake.
 * With `follow` a file may be gone for a moment, too, until the exporter writes the next one.
 */
export async function pathsThere(
  paths: readonly string[],
  seen: Iterable<Seen>,
  follow: boolean,
  world: World,
): Promise<readonly string[]> {
  const known = [...seen].filter(({ done }) => follow || done !== undefined).map(({ path }) => plain(path))
  const wasThere = (path: string) =>
    known.some(one => one === plain(path) || (MAGIC.test(path) && one.startsWith(prefixOf(plain(folderAbove(path))))))
  const there = await Promise.all(paths.map(async path => !wasThere(path) || (await isThere(path, world))))
  return paths.filter((_, index) => there[index])
}

const plain = (path: string): string => path.replace(/^(?:\.\/)+/, '')

const prefixOf = (folder: string): string => (folder === '.' ? '' : folder === '/' ? '/' : `${folder}/`)
