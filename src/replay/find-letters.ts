import type { Disk } from '../core/disk.ts'
import { FailoverctlError } from '../core/errors.ts'
import { DEAD_LETTERS } from './dead-letters.ts'
import type { Backup } from './find.ts'
import { identify } from './identity.ts'
import { HEAD_BYTES } from './read-backup.ts'

/** What is being sent again: new letters of that run go into a new file. */
const TAKEN = /^dead-letters-(\d+)\.jsonl$/

/** The dead letters of earlier runs as a backup. Throws `no-backup` when there are none. */
export async function findLetters(
  state: string,
  disk: Pick<Disk, 'look' | 'list' | 'open' | 'rename' | 'syncFolder'>,
  known: Iterable<string>,
): Promise<Backup[]> {
  const isTaken = (path: string) => TAKEN.test(path.slice(state.length + 1))
  const taken = (await disk.list(state).catch(() => [])).filter(({ path }) => isTaken(path))
  if (await disk.look(`${state}/${DEAD_LETTERS}`)) {
    const last = Math.max(0, ...taken.map(({ path }) => Number(TAKEN.exec(path.slice(state.length + 1))?.[1])))
    await disk.rename(`${state}/${DEAD_LETTERS}`, `${state}/dead-letters-${last + 1}.jsonl`)
    await disk.syncFolder(state)
  }
  const ids = [...known]
  const files = (await disk.list(state).catch(() => [])).filter(({ path, size }) => isTaken(path) && size > 0)
  if (files.length === 0)
    throw new FailoverctlError('no-backup', `no dead letters in ${state}`, 'There are some when a replay says so at its end.')
  return Promise.all(
    files.map(async entry => {
      const opened = await disk.open(entry.path)
      const head = new Uint8Array(HEAD_BYTES)
      const start = head.subarray(0, await opened.read(head, 0))
      await opened.close()
      return {
        file: { ...entry, id: identify(entry, start, ids), rotatedAt: entry.path },
        shape: { packing: 'letters', encoding: 'json' },
        root: state,
        named: true,
        isLive: false,
      } satisfies Backup
    }),
  )
}
