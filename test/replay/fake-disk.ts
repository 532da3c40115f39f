import { gunzipSync } from 'node:zlib'
import { ZSTDDecoder } from 'zstddec/stream'
import type { Appender, Disk, Entry, OpenFile } from '../../src/core/disk.ts'
import { FailoverctlError } from '../../src/core/errors.ts'
import type { Files } from '../../src/core/host.ts'

interface Inode {
  readonly number: number
  data: Uint8Array
  /** So many bytes survive a power cut. */
  synced: number
  mtimeMs: number
}

export class Crash extends Error {}

/**
 * A file system in memory that can stop at any operation, as a process that is killed does: whatever was asked for before is
 * done, nothing after it is. `powerCut` also takes what was not synced: bytes at the ends of files, and names in folders.
 */
export class FakeDisk implements Disk {
  readonly names = new Map<string, Inode>()
  #safeNames = new Map<string, Inode>()
  #inodes = 0
  #locked = new Set<string>()
  /** How many operations that change something have been asked for. */
  operations = 0
  crashAt = Number.POSITIVE_INFINITY
  dead = false
  /** Bytes that still fit. */
  room = Number.POSITIVE_INFINITY
  readonly openForWriting = new Set<string>()
  onCrash = (): void => {}

  constructor(contents: Iterable<readonly [path: string, data: Uint8Array]> = []) {
    for (const [path, data] of contents) this.put(path, data)
  }

  put(path: string, data: Uint8Array | string, mtimeMs = 0): void {
    const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data
    const inode = { number: ++this.#inodes, data: bytes, synced: bytes.length, mtimeMs }
    this.names.set(path, inode)
    this.#safeNames.set(path, inode)
  }

  text(path: string): string {
    return new TextDecoder().decode(this.names.get(path)?.data)
  }

  /** What a power cut would leave of a file. */
  synced(path: string): Uint8Array {
    const inode = this.names.get(path)
    return inode ? inode.data.subarray(0, inode.synced) : new Uint8Array()
  }

  /** The process is gone, and its locks with it. */
  restart(): void {
    this.dead = false
    this.operations = 0
    this.crashAt = Number.POSITIVE_INFINITY
    this.#locked.clear()
  }

  powerCut(keptShare: number): void {
    this.names.clear()
    for (const [path, inode] of this.#safeNames) {
      const kept = inode.synced + Math.floor((inode.data.length - inode.synced) * keptShare)
      inode.data = inode.data.slice(0, kept)
      this.names.set(path, inode)
    }
  }

  /** Everything that touches the world asks here first. */
  step(): void {
    if (!this.dead && ++this.operations >= this.crashAt) {
      this.dead = true
      this.onCrash()
    }
    if (this.dead) throw new Crash('killed')
  }

  async list(folder: string): Promise<Entry[]> {
    return [...this.names].filter(([path]) => path.startsWith(`${folder}/`)).map(([path, inode]) => entryOf(path, inode))
  }

  async look(path: string): Promise<(Entry & { folder: boolean }) | undefined> {
    const inode = this.names.get(path)
    if (inode) return { ...entryOf(path, inode), folder: false }
    const isFolder = [...this.names.keys()].some(name => name.startsWith(`${path}/`))
    return isFolder ? { path, size: 0, mtimeMs: 0, device: '1', inode: '0', folder: true } : undefined
  }

  async open(path: string): Promise<OpenFile> {
    const inode = this.names.get(path)
    if (!inode) throw new FailoverctlError('no-such-file', `${path}: no such file`)
    return {
      stat: async () => entryOf(path, inode),
      read: async (into, at) => {
        const part = inode.data.subarray(at, at + into.length)
        into.set(part)
        return part.length
      },
      unpack: as => unpack(inode.data, as),
      close: async () => {},
    }
  }

  async secretFolder(): Promise<void> {}

  async appender(path: string): Promise<Appender> {
    this.step()
    let inode = this.names.get(path)
    if (!inode) {
      inode = { number: ++this.#inodes, data: new Uint8Array(), synced: 0, mtimeMs: 0 }
      this.names.set(path, inode)
    }
    const file = inode
    return {
      append: async data => {
        this.step()
        this.room -= data.length
        if (this.room < 0) throw new FailoverctlError('unwritable', `${path}: cannot be written (ENOSPC)`)
        file.data = Buffer.concat([file.data, data])
      },
      sync: async () => {
        this.step()
        file.synced = file.data.length
      },
      close: async () => {},
    }
  }

  async rename(from: string, to: string): Promise<void> {
    this.step()
    if (this.names.has(to)) throw new FailoverctlError('unwritable', `${to}: there is a file`)
    this.names.set(to, this.names.get(from) as Inode)
    this.step()
    this.names.delete(from)
  }

  async replace(from: string, to: string): Promise<void> {
    this.step()
    this.names.set(to, this.names.get(from) as Inode)
    this.names.delete(from)
  }

  async remove(path: string): Promise<void> {
    this.step()
    this.names.delete(path)
  }

  async syncFolder(folder: string): Promise<void> {
    this.step()
    const isIn = (path: string) => path.slice(0, path.lastIndexOf('/')) === folder
    for (const path of this.#safeNames.keys()) if (isIn(path) && !this.names.has(path)) this.#safeNames.delete(path)
    for (const [path, inode] of this.names) if (isIn(path)) this.#safeNames.set(path, inode)
  }

  async isOpenElsewhere({ path }: Entry): Promise<boolean> {
    return this.openForWriting.has(path)
  }

  async lock(path: string): Promise<() => Promise<void>> {
    this.step()
    if (this.#locked.has(path)) throw new FailoverctlError('locked', 'another replay of this backup is running')
    this.#locked.add(path)
    return async () => void this.#locked.delete(path)
  }

  async unzstd(frame: Uint8Array, limit: number): Promise<Uint8Array> {
    const decoder = new ZSTDDecoder()
    await decoder.init()
    const data = decoder.decode(frame)
    if (data.length > limit) throw new Error('too large')
    return data
  }

  /** The same files, for those who read them whole. */
  readonly files: Pick<Files, 'read' | 'glob'> = {
    read: async path =>
      this.names.get(path)?.data ?? Promise.reject(new FailoverctlError('no-such-file', `${path}: no such file`)),
    glob: async () => [],
  }
}

const entryOf = (path: string, { data, mtimeMs, number }: Inode): Entry => ({
  path,
  size: data.length,
  mtimeMs,
  device: '1',
  inode: String(number),
})

async function* unpack(data: Uint8Array, as: 'gzip' | 'zstd'): AsyncGenerator<Uint8Array> {
  if (as === 'gzip') {
    yield gunzipSync(data)
    return
  }
  const decoder = new ZSTDDecoder()
  await decoder.init()
  yield* decoder.decodeStreaming([data])
}
