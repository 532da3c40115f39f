import type { Disk } from '../core/disk.ts'
import { FailoverctlError } from '../core/errors.ts'
import type { Progress } from './checkpoint.ts'
import type { Backup } from './find.ts'
import { folderOf } from './folder-of.ts'
import { shapeOf } from './read-backup.ts'
import { rotatedAt } from './rotation.ts'
import { type LeftFile, leftFile } from './seams.ts'

/** For a look at the first request. */
const MAX_FIRST = 64 * 1024 * 1024

/**
 * Files that an earlier run put away and that were written to since: whoever had one open goes on in it, wherever it is moved
 * to, and another container's collector cannot be seen from here. Their rest is sent like any other backup.
 */
export async function findGrown(
  files: Iterable<readonly [id: string, progress: Progress]>,
  disk: Pick<Disk, 'look' | 'open' | 'unzstd'>,
): Promise<{ readonly grown: readonly Backup[]; readonly unreadable: readonly LeftFile[] }> {
  const grown: Backup[] = []
  const unreadable: LeftFile[] = []
  for (const [id, { done }] of files) {
    const entry = done?.path === undefined ? undefined : await disk.look(done.path)
    if (!done || !entry || entry.size <= done.size || id.split('-')[1] !== entry.inode) continue
    const { path, device, inode, size, mtimeMs } = entry
    try {
      const opened = await disk.open(path)
      const shape = await shapeOf(opened, disk, MAX_FIRST).finally(() => opened.close())
      if (!shape) continue
      const file = { id, path, device, inode, size, mtimeMs, rotatedAt: rotatedAt(path) }
      grown.push({ file, shape, root: folderOf(path), named: true, isLive: false })
    } catch (error) {
      if (!(error instanceof FailoverctlError)) throw error
      unreadable.push(leftFile(path, error))
    }
  }
  return { grown, unreadable }
}
