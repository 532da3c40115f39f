import { readFile } from 'node:fs/promises'

/** proc(5): the 22nd field of stat; the second one, the name, may hold spaces and brackets. Undefined outside of Linux. */
export const startOf = async (pid: number): Promise<string | undefined> => (await statOf(pid))?.[19]

/** A process that has ended, and whose parent has not asked how. */
export const isZombie = async (pid: number): Promise<boolean> => (await statOf(pid))?.[0] === 'Z'

/** The fields from the third one, the state, on. */
const statOf = (pid: number): Promise<string[] | undefined> =>
  readFile(`/proc/${pid}/stat`, 'utf8').then(
    text => text.slice(text.lastIndexOf(')') + 2).split(' '),
    () => undefined,
  )
