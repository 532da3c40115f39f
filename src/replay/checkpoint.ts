import type { Clock } from '../core/clock.ts'
import type { Appender, Disk } from '../core/disk.ts'
import type { Files } from '../core/host.ts'
import type { Range } from './backup.ts'
import { folderOf } from './folder-of.ts'
import { Intervals } from './intervals.ts'
import { decodeRecords, encodeRecords, type Fate, type JournalRecord } from './journal-text.ts'

export interface CheckpointWorld {
  readonly disk: Pick<Disk, 'appender' | 'replace' | 'remove' | 'syncFolder' | 'look'>
  readonly files: Pick<Files, 'read'>
  readonly clock: Clock
}

/** How long a record waits for others, in milliseconds: a sync for each would take the disk's time, and the sender's. */
const GROUP_MS = 10

/** What the journal knows of one file. */
export interface Progress {
  path: string
  size: number
  /** It is one packed stream: what is settled are bytes of what it unpacks to. */
  packed?: true
  readonly settled: Intervals
  readonly lines: Record<Fate, number>
  readonly items: Record<Fate, number>
  /** Set once all of it was settled: its size then, and where it went. */
  done?: { readonly size: number; readonly path: string | undefined }
}

/**
 * A journal of what is settled. Records are written and synced in groups: while one group waits or is on its way to the disk the
 * next one fills. A range that is not durable when the process ends is sent again by the next run, so whoever sends keeps count of
 * `unsynced`.
 */
export class Checkpoint {
  readonly files: ReadonlyMap<string, Progress>
  readonly #files: Map<string, Progress>
  readonly #journal: Appender
  readonly #clock: Clock
  #isGathering = false
  #waiting: JournalRecord[] = []
  #added = 0
  #unsynced = 0
  #writing: Promise<void> | undefined
  #failed: unknown

  private constructor(files: Map<string, Progress>, journal: Appender, clock: Clock) {
    this.#clock = clock
    this.#files = files
    this.files = files
    this.#journal = journal
  }

  /** Reads the journal of earlier runs, and rewrites it as short as it can be. Throws `unwritable`. */
  static async open(folder: string, { disk, files, clock }: CheckpointWorld): Promise<Checkpoint> {
    const path = `${folder}/journal`
    const known = await readJournal(path, disk, files)
    const draft = `${path}.new`
    await disk.remove(draft)
    const compact = await disk.appender(draft)
    await compact.append(encodeRecords([...recordsOf(known)]))
    await compact.sync()
    await compact.close()
    await disk.replace(draft, path)
    await disk.syncFolder(folder)
    await disk.syncFolder(folderOf(folder))
    return new Checkpoint(known, await disk.appender(path), clock)
  }

  /** Records that wait for the disk: what would be sent again after a crash, besides what is in flight. */
  get unsynced(): number {
    return this.#unsynced
  }

  /** What other runs of the same backup have settled is settled here, too. Their journals keep it, this one does not. */
  adopt(others: ReadonlyMap<string, Progress>): void {
    for (const [id, { size, settled }] of others) {
      const own = this.#files.get(id) ?? { path: '', size, settled: new Intervals(), lines: none(), items: none() }
      for (const [from, to] of settled) own.settled.add(from, to)
      this.#files.set(id, own)
    }
  }

  settledIn(id: string): Intervals {
    return this.#files.get(id)?.settled ?? new Intervals()
  }

  seen(id: string, path: string, size: number, isPacked: boolean): void {
    const before = this.#files.get(id)
    if (before?.path === path && before.size === size) return
    this.#add([{ do: 'file', id, path, size, ...(isPacked ? { packed: true } : {}) }])
  }

  settle(ranges: readonly Range[], as: Fate): void {
    this.#add(ranges.map(({ file, from, to, lines, items }) => ({ do: 'settled', id: file, from, to, lines, items, as })))
  }

  done(id: string, size: number, path: string | undefined): void {
    this.#add([{ do: 'done', id, size, ...(path === undefined ? {} : { path }) }])
  }

  /** Resolves once all that was recorded before is on the disk. Throws `unwritable`. */
  async durable(): Promise<void> {
    const added = this.#added
    while (this.#added - this.#unsynced < added) await this.#write()
  }

  async close(): Promise<void> {
    await this.durable().finally(() => this.#journal.close())
  }

  #add(records: readonly JournalRecord[]): void {
    if (records.length === 0) return
    for (const record of records) apply(this.#files, record)
    this.#waiting.push(...records)
    this.#added += 1
    this.#unsynced += 1
    this.#gather()
  }

  #gather(): void {
    if (this.#isGathering || this.#waiting.length === 0 || this.#failed !== undefined) return
    this.#isGathering = true
    this.#clock.timer(GROUP_MS, () => {
      this.#isGathering = false
      // What fails shows in `durable`, which everyone asks before more is done.
      if (this.#waiting.length > 0) this.#write().catch(() => {})
    })
  }

  #write(): Promise<void> {
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined
      this.#gather()
    })
    return this.#writing
  }

  async #writeAll(): Promise<void> {
    if (this.#failed) throw this.#failed
    const [group, count] = [this.#waiting, this.#unsynced]
    this.#waiting = []
    try {
      await this.#journal.append(encodeRecords(group))
      await this.#journal.sync()
      this.#unsynced -= count
    } catch (error) {
      this.#failed = error
      throw error
    }
  }
}

/** The journal of a folder as it is, for those who only look. */
export async function readJournal(
  path: string,
  disk: Pick<Disk, 'look'>,
  files: Pick<Files, 'read'>,
): Promise<Map<string, Progress>> {
  const known = new Map<string, Progress>()
  if (await disk.look(path)) for (const record of decodeRecords(await files.read(path))) apply(known, record)
  return known
}

const none = (): Record<Fate, number> => ({ acknowledged: 0, 'dead-letter': 0, skipped: 0 })

function apply(files: Map<string, Progress>, record: JournalRecord): void {
  let progress = files.get(record.id)
  if (!progress) {
    progress = { path: '', size: 0, settled: new Intervals(), lines: none(), items: none() }
    files.set(record.id, progress)
  }
  switch (record.do) {
    case 'file':
      progress.path = record.path
      progress.size = record.size
      if (record.packed) progress.packed = true
      break
    case 'settled':
      progress.settled.add(record.from, record.to)
      progress.lines[record.as] += record.lines
      progress.items[record.as] += record.items
      break
    case 'done':
      progress.done = { size: record.size, path: record.path }
      break
  }
}

const FATES = ['acknowledged', 'dead-letter', 'skipped'] as const

function* recordsOf(files: ReadonlyMap<string, Progress>): Generator<JournalRecord> {
  for (const [id, { path, size, packed, settled, lines, items, done }] of files) {
    yield { do: 'file', id, path, size, ...(packed ? { packed } : {}) }
    for (const [from, to] of settled) yield { do: 'settled', id, from, to, lines: 0, items: 0, as: 'acknowledged' }
    for (const as of FATES) if (lines[as] > 0) yield { do: 'settled', id, from: 0, to: 0, lines: lines[as], items: items[as], as }
    if (done) yield { do: 'done', id, size: done.size, ...(done.path === undefined ? {} : { path: done.path }) }
  }
}
