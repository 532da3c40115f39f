import type { Disk, Entry } from '../core/disk.ts'
import { FailoverctlError } from '../core/errors.ts'
import { DEAD_LETTERS } from './dead-letters.ts'
import type { Backup } from './find.ts'
import { identify } from './identity.ts'
import { HEAD_BYTES } from './read-backup.ts'

/** What is being sent again: new letters of that run go into a new file. */
const TAKEN = /^dead-letters-(\d+)\.jsonl$/

type LetterDisk = Pick<Disk, 'look' | 'list' | 'open' | 'rename' | 'syncFolder'>

/** Files that earlier runs have seen, by their ids. */
type Known = ReadonlyMap<string, { readonly path: string }>

/** The dead letters that earlier runs have kept in these folders, as a backup. Throws `no-backup` when there are none. */
export async function findLetters(folders: readonly string[], disk: LetterDisk, known: Known): Promise<Backup[]> {
  for (const folder of folders) await takeLetters(folder, disk, known)
  return lettersIn(folders, isTaken, disk, known)
}

/** The same for a look at them: nothing is renamed. */
export const lookAtLetters = (folders: readonly string[], disk: LetterDisk, known: Known): Promise<Backup[]> =>
  lettersIn(folders, name => name === DEAD_LETTERS || isTaken(name), disk, known)

const isTaken = (name: string): boolean => TAKEN.test(name)

/**
 * No number comes twice, not even that of a file which is deleted by now: letters name the file that they were in, and the same
 * letters under the same name and inode would pass for those that were settled.
 */
async function takeLetters(folder: string, disk: LetterDisk, known: Known): Promise<void> {
  if (!(await disk.look(`${folder}/${DEAD_LETTERS}`))) return
  const inside = (await disk.list(folder)).map(({ path }) => path.slice(folder.length + 1))
  const names = [...inside, ...[...known.values()].map(({ path }) => path.slice(path.lastIndexOf('/') + 1))]
  const last = Math.max(0, ...names.filter(isTaken).map(name => Number(TAKEN.exec(name)?.[1])))
  await disk.rename(`${folder}/${DEAD_LETTERS}`, `${folder}/dead-letters-${last + 1}.jsonl`)
  await disk.syncFolder(folder)
}

async function lettersIn(
  folders: readonly string[],
  isWanted: (name: string) => boolean,
  disk: LetterDisk,
  known: Known,
): Promise<Backup[]> {
  const ids = [...known.keys()]
  const found: Backup[] = []
  for (const folder of folders) {
    const inside = await disk.list(folder).catch(() => [])
    const letters = inside.filter(({ path, size }) => isWanted(path.slice(folder.length + 1)) && size > 0)
    for (const entry of letters) found.push(await letterFile(entry, folder, disk, ids))
  }
  if (found.length === 0)
    throw new FailoverctlError(
      'no-backup',
      `no dead letters in ${folders[0]}`,
      'There are some when a replay says so at its end.',
    )
  return found
}

async function letterFile(entry: Entry, root: string, disk: LetterDisk, ids: readonly string[]): Promise<Backup> {
  const opened = await disk.open(entry.path)
  const head = new Uint8Array(HEAD_BYTES)
  const start = head.subarray(0, await opened.read(head, 0))
  await opened.close()
  return {
    file: { ...entry, id: identify(entry, start, ids), rotatedAt: entry.path },
    shape: { packing: 'letters', encoding: 'json' },
    root,
    named: true,
    isLive: false,
  }
}
