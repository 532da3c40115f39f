import type { Disk, Entry } from '../core/disk.ts'
import { FailoverctlError } from '../core/errors.ts'
import type { BackupFile } from './backup.ts'
import type { Checkpoint } from './checkpoint.ts'
import { type Backup, PROCESSED_FOLDER } from './find.ts'
import { folderOf } from './folder-of.ts'

export type Processed = 'move' | 'keep' | 'delete'

export interface Finished {
  /** Where it went; undefined when it stayed or was deleted. */
  readonly to: string | undefined
  /** Why it stayed although it was to go. */
  readonly note: string | undefined
  readonly isDone: boolean
}

type FinishDisk = Pick<Disk, 'look' | 'list' | 'rename' | 'remove' | 'syncFolder' | 'isOpenElsewhere'>

/**
 * Puts away a file of which every line is settled. First the checkpoint is durable, then the file goes, then its folder is
 * synced: after a crash at any point the next run sends nothing that was settled, and misses nothing that was not.
 */
export async function finish(
  backup: Backup,
  processed: Processed,
  checkpoint: Checkpoint,
  disk: FinishDisk,
  mustStay: string | undefined,
): Promise<Finished> {
  const { file } = backup
  await checkpoint.durable()
  const entry = await find(file, disk)
  if (!entry) return stays('it is gone', true)
  if (entry.size !== file.size) return stays('it was written to while it was read: run again for the rest', false)
  // A run with a checkpoint elsewhere, or a person, may have done it meanwhile.
  const isPutAway =
    checkpoint.files.get(file.id)?.done?.path === entry.path || entry.path.startsWith(`${backup.root}/${PROCESSED_FOLDER}/`)
  if (isPutAway) {
    checkpoint.done(file.id, entry.size, entry.path)
    return { to: undefined, note: undefined, isDone: true }
  }
  if (processed === 'keep') {
    checkpoint.done(file.id, entry.size, undefined)
    return { to: undefined, note: undefined, isDone: true }
  }
  // What it leads to is named elsewhere, and moved itself it would lead nowhere.
  if (entry.link) return stays('it is a link: it stays, as does what it leads to', true)
  // Who still has it open goes on writing into it wherever it is moved to, and nobody would look there.
  if (file.rotatedAt === undefined && (await disk.isOpenElsewhere(entry))) return stays('a process has it open for writing', true)
  try {
    if (processed === 'delete' && mustStay === undefined) {
      await disk.remove(entry.path)
      await disk.syncFolder(folderOf(entry.path))
      checkpoint.done(file.id, entry.size, undefined)
      return { to: undefined, note: undefined, isDone: true }
    }
    const to = await putAway(entry, backup, disk)
    checkpoint.done(file.id, entry.size, to)
    return { to, note: processed === 'delete' ? mustStay : undefined, isDone: true }
  } catch (error) {
    // All of it is settled, and the checkpoint says so: where it lies is no reason to leave the other files.
    if (!(error instanceof FailoverctlError) || error.code !== 'unwritable') throw error
    return stays(`it stays: ${error.message}; let failoverctl write there, or say --processed keep`, true)
  }
}

const stays = (note: string, isDone: boolean): Finished => ({ to: undefined, note, isDone })

/** Where the file is by now: the exporter may have renamed it. */
async function find(file: BackupFile, disk: FinishDisk): Promise<Entry | undefined> {
  const isSame = (entry: Entry | undefined) => entry?.inode === file.inode && entry.device === file.device
  const there = await disk.look(file.path)
  if (isSame(there)) return there
  const around = await disk.list(folderOf(file.path)).catch(() => [])
  return around.find(isSame)
}

async function putAway(entry: Entry, { root }: Backup, disk: FinishDisk): Promise<string> {
  const inside = entry.path.startsWith(`${root}/`)
    ? entry.path.slice(root.length + 1)
    : entry.path.slice(entry.path.lastIndexOf('/') + 1)
  const wanted = `${root}/${PROCESSED_FOLDER}/${inside}`
  for (let number = 0; ; number++) {
    const to = number === 0 ? wanted : `${wanted}.${number}`
    const there = await disk.look(to)
    const isOurs = there?.inode === entry.inode && there.device === entry.device
    if (there && !isOurs) continue
    // A crash between the two halves of a rename leaves both names.
    if (isOurs) await disk.remove(entry.path)
    else await disk.rename(entry.path, to)
    await disk.syncFolder(folderOf(to))
    await disk.syncFolder(folderOf(entry.path))
    return to
  }
}
