import { appendFile, mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { FailoverctlError } from '../core/errors.ts'
import type { Files } from '../core/host.ts'

export const realFiles: Files = {
  read: async path => (path === '-' ? readStandardInput() : readFile(path).catch(error => Promise.reject(explain(path, error)))),
  exists: path =>
    stat(path).then(
      () => true,
      () => false,
    ),
  async append(path, data) {
    await mkdir(dirname(path), { recursive: true })
    await appendFile(path, data)
  },
  temporaryFolder: prefix => mkdtemp(join(tmpdir(), `${prefix}-`)),
  remove: folder => rm(folder, { recursive: true, force: true }),
}

async function readStandardInput(): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

function explain(path: string, error: NodeJS.ErrnoException): FailoverctlError {
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
