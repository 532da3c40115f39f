import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Makes a folder and those above it. Node's own goes round for ever where a folder that is there takes none, as /proc. */
export async function makeFolder(path: string, mode = 0o777): Promise<void> {
  if ((await make(path, mode)) !== 'ENOENT') return
  const above = dirname(path)
  if (above !== path) await makeFolder(above, mode)
  if ((await make(path, mode)) === 'ENOENT') throw Object.assign(new Error('it takes no folders'), { path })
}

async function make(path: string, mode: number): Promise<'there' | 'ENOENT'> {
  try {
    await mkdir(path, mode)
    return 'there'
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return code
    if (code !== 'EEXIST' || !(await stat(path)).isDirectory()) throw error
    return 'there'
  }
}
