import {
  chmod,
  type FileHandle,
  link,
  lstat,
  open,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  unlink,
} from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Appender, Disk, Entry, OpenFile } from '../core/disk.ts'
import { cannotWrite, explain } from './files.ts'
import { lock } from './lock.ts'
import { makeFolder } from './make-folder.ts'

/** What bytes of a name that are no text are read as. It may stand in a name as well. */
const UNKNOWN = '\ufffd'
const NOTHING = { size: 0, mtimeMs: 0, device: '', inode: '' }

let compression: Promise<typeof import('./compression.ts')> | undefined

export const realDisk: Disk = {
  async list(folder) {
    const entries: Entry[] = []
    const inside = await readdir(folder, { withFileTypes: true }).catch(error => Promise.reject(explain(folder, error)))
    for (const found of inside) {
      const path = join(folder, found.name)
      const below = found.isDirectory() ? await realDisk.list(path).catch(() => undefined) : undefined
      if (below) {
        for (const entry of below) entries.push(entry)
        continue
      }
      // What goes away between the listing and the look at it was renamed: the next listing has it.
      const entry = await look(path)
      if (entry && (found.isDirectory() || entry.link || !entry.folder)) entries.push(entry)
      else if (!entry && found.name.includes(UNKNOWN)) entries.push({ ...NOTHING, path, nameless: true })
    }
    return entries
  },
  look,
  open: async path => openFile(path, await open(path, 'r').catch(error => Promise.reject(explain(path, error)))),
  async appender(path, { secret = false } = {}) {
    try {
      await makeFolder(dirname(path), secret ? 0o700 : undefined)
      const handle = await open(path, 'a', secret ? 0o600 : 0o666)
      // One that was there may have been made for all to read; of another owner it stays as he wants it.
      if (secret) await handle.chmod(0o600).catch(() => {})
      return appender(path, handle)
    } catch (error) {
      throw cannotWrite(path, error as NodeJS.ErrnoException)
    }
  },
  async secretFolder(path) {
    await makeFolder(path, 0o700).catch(error => Promise.reject(cannotWrite(path, error)))
    await chmod(path, 0o700).catch(() => {})
  },
  async rename(from, to) {
    try {
      await makeFolder(dirname(to))
      // A second name fails where there is a file already; rename would replace it.
      await link(from, to)
      await unlink(from)
    } catch (error) {
      await renameWithoutLinks(from, to, error as NodeJS.ErrnoException)
    }
  },
  replace: (from, to) => rename(from, to).catch(error => Promise.reject(cannotWrite(to, error))),
  remove: path => rm(path, { force: true }).catch(error => Promise.reject(cannotWrite(path, error))),
  async syncFolder(folder) {
    const handle = await open(folder, 'r')
    // Some file systems cannot sync a folder; they keep names in order by themselves.
    await handle.sync().catch(() => {})
    await handle.close()
  },
  isOpenElsewhere,
  lock,
  async unzstd(frame, limit) {
    // Once: an import takes longer than a small frame does.
    compression ??= import('./compression.ts')
    return (await compression).unpack('zstd', frame, limit)
  },
}

async function look(path: string): Promise<(Entry & { folder: boolean }) | undefined> {
  const own = await lstat(path, { bigint: true }).catch(() => undefined)
  const found = own?.isSymbolicLink() ? await stat(path, { bigint: true }).catch(() => undefined) : own
  if (!found) return undefined
  const folder = found.isDirectory()
  return { ...entryOf(path, found), folder, ...(found === own ? {} : { link: folder ? 'folder' : 'file' }) }
}

// As text: an inode may be larger than a number can hold.
const entryOf = (path: string, found: { size: bigint; mtimeMs: bigint; dev: bigint; ino: bigint }): Entry => ({
  path,
  size: Number(found.size),
  mtimeMs: Number(found.mtimeMs),
  device: String(found.dev),
  inode: String(found.ino),
})

const openFile = (path: string, handle: FileHandle): OpenFile => ({
  stat: async () => entryOf(path, await handle.stat({ bigint: true })),
  async read(into, at) {
    let filled = 0
    while (filled < into.length) {
      const { bytesRead } = await handle
        .read(into, filled, into.length - filled, at + filled)
        .catch(error => Promise.reject(explain(path, error)))
      if (bytesRead === 0) break
      filled += bytesRead
    }
    return filled
  },
  async *unpack(as, read) {
    const { unpacked } = await import('./unpack-file.ts')
    yield* unpacked(handle, as, read)
  },
  close: () => handle.close(),
})

// appendFile does the same, and takes several times as long for a short record.
async function writeAll(handle: FileHandle, data: Uint8Array): Promise<void> {
  for (let at = 0; at < data.length; ) at += (await handle.write(data, at)).bytesWritten
}

const appender = (path: string, handle: FileHandle): Appender => {
  let last = Promise.resolve()
  const next = (task: () => Promise<void>) => {
    last = last.then(task).catch(error => Promise.reject(cannotWrite(path, error)))
    return last
  }
  return {
    append: data => next(() => writeAll(handle, data)),
    sync: () => next(() => handle.datasync()),
    close: () => handle.close(),
  }
}

// Not every file system has hard links.
async function renameWithoutLinks(from: string, to: string, error: NodeJS.ErrnoException): Promise<void> {
  if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(error.code ?? '')) throw cannotWrite(to, error)
  if (await look(to)) throw cannotWrite(to, Object.assign(new Error('there is a file'), { code: 'EEXIST' }))
  await rename(from, to).catch(failed => Promise.reject(cannotWrite(to, failed)))
}

interface Search {
  readonly wanted: Set<string>
  readonly found: Promise<ReadonlySet<string>>
}

/** What is asked for while a look at all processes goes on is looked for together: thousands of files may be settled at once. */
let next: Search | undefined
let last: Promise<unknown> = Promise.resolve()

/** Linux only: elsewhere nobody seems to have it open. Readers do not count. */
async function isOpenElsewhere(entry: Entry): Promise<boolean> {
  next ??= searchAfter(last)
  next.wanted.add(placeOf(entry))
  return (await next.found).has(placeOf(entry))
}

function searchAfter(before: Promise<unknown>): Search {
  const wanted = new Set<string>()
  const found = before.then(() => {
    next = undefined
    return writtenOf(wanted)
  })
  last = found.catch(() => {})
  return { wanted, found }
}

const placeOf = ({ device, inode }: Entry): string => `${device}-${inode}`

/** Those that another process has open for writing. */
async function writtenOf(wanted: ReadonlySet<string>): Promise<Set<string>> {
  const written = new Set<string>()
  const processes = (await readdir('/proc').catch(() => [])).filter(name => /^\d+$/.test(name) && name !== String(process.pid))
  for (const pid of processes) {
    for (const fd of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
      const target = await readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')
      if (!target.startsWith('/')) continue
      const entry = await look(`/proc/${pid}/fd/${fd}`)
      if (entry && wanted.has(placeOf(entry)) && (await writes(pid, fd))) written.add(placeOf(entry))
    }
  }
  return written
}

// proc(5): the flags are octal, their last digit is the access mode, 0 is reading.
const writes = async (pid: string, fd: string): Promise<boolean> => {
  const info = await readFile(`/proc/${pid}/fdinfo/${fd}`, 'utf8').catch(() => '')
  return !/^flags:\s*\d*[048]$/m.test(info)
}
