import { constants, readFileSync, statSync } from 'node:fs'
import { access, appendFile, chmod, chown, mkdtemp, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { FailoverctlError } from '../core/errors.ts'
import type { Files } from '../core/host.ts'
import { makeFolder } from './make-folder.ts'

export const realFiles: Files = {
  read: path => (path === '-' ? readStandardInput() : readWhole(path)),
  exists: path =>
    stat(path).then(
      () => true,
      () => false,
    ),
  async folder(path) {
    const found = await stat(path).catch(() => undefined)
    if (!found) return 'missing'
    if (!found.isDirectory()) return 'no-folder'
    return access(path, constants.W_OK).then(
      () => 'writable' as const,
      () => 'read-only' as const,
    )
  },
  async glob(patterns) {
    const { glob } = await import('tinyglobby')
    return (await glob(patterns, { expandDirectories: false })).sort()
  },
  stamp: path =>
    stat(path).then(
      ({ mtimeMs, size, ino }) => `${mtimeMs} ${size} ${ino}`,
      () => undefined,
    ),
  write: (path, data) => replace(path, data).catch(error => Promise.reject(cannotWrite(path, error))),
  append: (path, data) =>
    makeFolder(dirname(path))
      .then(() => appendFile(path, data))
      .catch(error => Promise.reject(cannotWrite(path, error))),
  temporaryFolder: prefix => mkdtemp(join(tmpdir(), `${prefix}-`)),
  remove: folder => rm(folder, { recursive: true, force: true }),
}

// A link stays a link: what it leads to is replaced.
async function replace(path: string, data: Uint8Array): Promise<void> {
  const file = await realpath(path).catch(() => path)
  const before = await stat(file).catch(() => undefined)
  // A pipe or a device is written into: root would put a file in the place of /dev/null.
  if (before && !before.isFile() && !before.isDirectory()) return writeFile(file, data)
  const draft = `${file}.${process.pid}.tmp`
  try {
    await rm(draft, { force: true })
    // What only its owner may read is nobody else's for a moment either.
    await writeFile(draft, data, { flag: 'wx', ...(before && { mode: 0o600 }) })
    if (before) {
      // Only root may give a file to somebody else.
      await chown(draft, before.uid, before.gid).catch(() => {})
      await chmod(draft, before.mode)
    }
    await rename(draft, file)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

export const cannotWrite = (path: string, error: NodeJS.ErrnoException) =>
  new FailoverctlError(
    'unwritable',
    `${path}: cannot be written (${whyNot(error)})`,
    error.code === 'ENOSPC' ? 'Make room on its disk.' : 'Check that its folder is there and may be written to.',
    error,
  )

const REASONS = new Map([
  ['ENOSPC', 'no space left on the disk'],
  ['EDQUOT', 'the quota of its owner is used up'],
  ['EACCES', 'no permission'],
  ['EPERM', 'no permission'],
  ['EROFS', 'a file system that is read-only'],
])

const whyNot = ({ code = '', message }: NodeJS.ErrnoException): string => {
  const reason = REASONS.get(code)
  return reason === undefined ? code || message : `${reason}, ${code}`
}

// A file is there at once: handing it to another thread costs several times what reading it does. A pipe may keep us waiting.
async function readWhole(path: string): Promise<Uint8Array> {
  try {
    return statSync(path).isFile() ? readFileSync(path) : await readFile(path)
  } catch (error) {
    throw explain(path, error as NodeJS.ErrnoException)
  }
}

async function readStandardInput(): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

export function explain(path: string, error: NodeJS.ErrnoException): FailoverctlError {
  switch (error.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new FailoverctlError(
        'no-such-file',
        `${path}: no such file`,
        'Check the path; it is read from the current folder.',
        error,
      )
    case 'EISDIR':
      return new FailoverctlError(
        'is-a-directory',
        `${path}: is a directory, expected a file`,
        'Name the config file inside it.',
        error,
      )
    case 'EACCES':
    case 'EPERM':
      return new FailoverctlError('unreadable', `${path}: no permission to read it`, 'Check its owner and mode.', error)
    case 'ERR_FS_FILE_TOO_LARGE':
      return new FailoverctlError('too-large', `${path}: too large to read`, undefined, error)
    default:
      return new FailoverctlError('unreadable', `${path}: cannot be read (${error.code ?? error.message})`, undefined, error)
  }
}
