import type { OpenFile } from '../core/disk.ts'
import { FailoverctlError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import type { Range } from './backup.ts'
import type { Checkpoint } from './checkpoint.ts'
import type { ChunkPool } from './chunk.ts'
import { type DeadLetters, keep } from './dead-letters.ts'
import type { Backup } from './find.ts'
import { finish } from './finish.ts'
import type { Gatherer } from './gather.ts'
import type { Ledger } from './ledger.ts'
import { isPlain, isWhole, ownParts } from './own-parts.ts'
import type { Pump } from './pump.ts'
import { type Found, type HeldLine, readBackup } from './read-backup.ts'
import type { ReplaySettings } from './run.ts'
import type { Observer } from './seams.ts'
import { isStream } from './shape.ts'
import type { Stop } from './stop.ts'
import { transformedLine } from './transformed-line.ts'

interface Parts {
  readonly settings: ReplaySettings
  readonly checkpoint: Checkpoint
  readonly ledger: Ledger
  readonly letters: DeadLetters
  readonly pool: ChunkPool
  readonly stop: Stop
  readonly observe: Observer
  readonly world: Pick<Host, 'disk'>
}

/** A file on its way: read from here, settled over there, and put away when both have ended. */
interface Way {
  readonly backup: Backup
  /** Lines that are read and not settled. */
  open: number
  /** Where reading stands, in bytes of the file. */
  at: number
  /** What is filtered out since the last chunk. */
  skipped: Range[]
  isRead: boolean
  /** Something of it stays to be done by another run, so it is not put away. */
  isLeft: boolean
  /** Why it must not be deleted: a dead letter of it is kept by reference alone. */
  mustStay: string | undefined
}

/** Reads files, and puts each away as soon as all of it is settled. */
export class FileRun {
  readonly #parts: Parts
  readonly #ways = new Map<string, Way>()
  /** The files of which nothing is left to be read. */
  readonly #read = new Set<string>()
  readonly #finishing = new Set<Promise<void>>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async read(backup: Backup, gatherer: Gatherer, pump: Pump): Promise<void> {
    const { file } = backup
    const { checkpoint, observe, stop } = this.#parts
    const way: Way = { backup, open: 0, at: 0, skipped: [], isRead: false, isLeft: backup.isLive, mustStay: undefined }
    this.#ways.set(file.id, way)
    observe({ kind: 'file', path: file.path, bytes: file.size })
    const opened = await this.#open(way)
    if (!opened) return
    try {
      checkpoint.seen(file.id, file.path, file.size)
      await this.#readAll(way, opened, gatherer, pump)
      way.isRead = stop.cause === undefined && (backup.isLive || !way.isLeft)
      if (way.isRead) this.#read.add(file.id)
      else way.isLeft = true
    } catch (error) {
      if (!(error instanceof FailoverctlError) || error.exit === 70) throw error
      // What cannot be read stays; the other files need not wait for it.
      this.#leave(way, error.message)
    } finally {
      await opened.close()
    }
    this.#finishIfSettled(way)
  }

  /** Keeps a line that cannot be delivered; after that it is settled. */
  async bury(line: HeldLine, reason: string): Promise<void> {
    const { file, from, to, encoding, signal, items, bytes } = line
    await this.#keepLetter({ file: file.path, offset: from, length: to - from, reason, encoding, signal, items, ...keep(bytes) })
  }

  /** Lines whose way has ended. */
  release(lines: readonly HeldLine[], settled: boolean, reusable: boolean): void {
    const { pool } = this.#parts
    for (const { chunk, file } of lines) {
      if (chunk && reusable) pool.release(chunk)
      const way = this.#ways.get(file.id)
      if (!way) continue
      way.open--
      if (!settled) way.isLeft = true
    }
    for (const id of new Set(lines.map(({ file }) => file.id))) this.#finishIfSettled(this.#ways.get(id))
  }

  async finishAll(): Promise<void> {
    while (this.#finishing.size > 0) await Promise.all(this.#finishing)
  }

  /** Bytes that this run has not come to. */
  unread(backups: readonly Backup[]): number {
    const unreadOf = ({ file: { id, size }, shape }: Backup): number => {
      if (this.#read.has(id)) return 0
      const way = this.#ways.get(id)
      const settled = isStream(shape) ? 0 : this.#parts.checkpoint.settledIn(id).lowWater
      return Math.max(0, size - Math.max(way?.at ?? 0, settled))
    }
    return backups.reduce((sum, backup) => sum + unreadOf(backup), 0)
  }

  async #open(way: Way): Promise<OpenFile | undefined> {
    try {
      return await this.#parts.world.disk.open(way.backup.file.path)
    } catch (error) {
      if (!(error instanceof FailoverctlError)) throw error
      this.#leave(way, error.message)
      return undefined
    }
  }

  #leave(way: Way, note: string): void {
    way.isLeft = true
    this.#parts.observe({ kind: 'finished', path: way.backup.file.path, to: undefined, note })
  }

  async #readAll(way: Way, opened: OpenFile, gatherer: Gatherer, pump: Pump): Promise<void> {
    const { settings, checkpoint, pool, world, stop, observe, ledger } = this.#parts
    const { file, shape } = way.backup
    const { device, inode } = await opened.stat()
    // Between the finding and now the exporter may have turned to the next file under this name.
    if (device !== file.device || inode !== file.inode) return this.#leave(way, 'it was renamed: run again for it')
    const found = readBackup(file, shape, opened, {
      disk: world.disk,
      pool,
      maxLine: settings.maxLine,
      settled: checkpoint.settledIn(file.id),
      complete: !way.backup.isLive,
      signal: settings.signal,
      mine: settings.mine,
      packed: bytes => {
        way.at = bytes
      },
    })
    for await (const batch of found) {
      for (const one of batch) await this.#take(one, way, opened, gatherer, pump)
      checkpoint.settle(way.skipped, 'skipped')
      way.skipped = []
      for (const lines of gatherer.atChunkEnd()) await pump.send(lines)
      const last = batch.at(-1)
      if (last && !isStream(shape)) way.at = last.kind === 'line' ? last.line.to : last.to
      observe({ kind: 'read', path: file.path, at: way.at, lines: ledger.read.lines, items: ledger.read.items })
      if (stop.cause !== undefined) return
    }
    if (!settings.mine) return
    // What lies behind a shard's last line is another's.
    if (isPlain(shape) && !isWhole(ownParts(settings.mine, file.id, file.size), file.size)) way.isLeft = true
    way.at = file.size
    observe({ kind: 'read', path: file.path, at: way.at, lines: ledger.read.lines, items: ledger.read.items })
  }

  async #take(found: Found, way: Way, opened: OpenFile, gatherer: Gatherer, pump: Pump): Promise<void> {
    const { ledger, settings, stop } = this.#parts
    const { file } = way.backup
    const range = found.kind === 'line' ? found.line : found
    if (settings.mine && !settings.mine(file.id, range.from)) {
      way.isLeft = true
      return
    }
    ledger.read.add(1, found.kind === 'line' ? found.line.items : 0)
    if (found.kind === 'empty') return this.#skip(way, found, 0)
    if (found.kind === 'bad') return this.#buryBad(found, way, opened)
    const result = transformedLine(found.line, settings.transform)
    if (result.kind === 'skipped') return this.#skip(way, found.line, found.line.items)
    if (result.kind === 'unreadable') {
      const { from, to, bytes, encoding, items } = found.line
      return this.#buryBad({ kind: 'bad', from, to, bytes, encoding, reason: result.reason }, way, opened, items)
    }
    const { line, skippedItems } = result
    ledger.skipped.add(0, skippedItems)
    await settings.pace?.(line, stop.signal).catch(() => {})
    way.open++
    if (line.chunk) line.chunk.uses++
    for (const lines of gatherer.add(line)) await pump.send(lines)
  }

  #skip(way: Way, { from, to }: { from: number; to: number }, items: number): void {
    this.#parts.ledger.skipped.add(1, items)
    const last = way.skipped.at(-1)
    const file = way.backup.file.id
    if (last?.to === from) way.skipped[way.skipped.length - 1] = { ...last, to, lines: last.lines + 1, items: last.items + items }
    else way.skipped.push({ file, from, to, lines: 1, items })
  }

  async #buryBad(found: Extract<Found, { kind: 'bad' }>, way: Way, opened: OpenFile, items = 0): Promise<void> {
    const { ledger, checkpoint, letters, stop } = this.#parts
    const { file, shape } = way.backup
    const { from, to, bytes, encoding, reason } = found
    const letter = { file: file.path, offset: from, length: to - from, reason, encoding, items }
    try {
      if (bytes) await this.#keepLetter({ ...letter, ...keep(bytes) })
      else if (shape.packing === 'none') {
        await this.#keepLetter({ ...letter, kept: await letters.copy(opened, from, to, `line-${file.id}-${from}`) })
      } else {
        way.mustStay = 'a part of it could not be read, and is nowhere else'
        await this.#keepLetter(letter)
      }
    } catch (error) {
      stop.cannotKeep(error)
      way.isLeft = true
      ledger.left.add(1, items)
      return
    }
    ledger.deadLettered.add(1, items)
    checkpoint.settle([{ file: file.id, from, to, lines: 1, items }], 'dead-letter')
  }

  async #keepLetter(letter: Parameters<DeadLetters['add']>[0]): Promise<void> {
    await this.#parts.letters.add(letter)
    const { file: path, offset, length, reason } = letter
    this.#parts.observe({ kind: 'dead-letter', path, offset, length, reason })
  }

  #finishIfSettled(way: Way | undefined): void {
    if (!way?.isRead || way.isLeft || way.open > 0) return
    // The last answer may come while the end of the file is noted: it is put away once.
    if (!this.#ways.delete(way.backup.file.id)) return
    const task: Promise<void> = this.#finish(way).finally(() => this.#finishing.delete(task))
    this.#finishing.add(task)
    task.catch(() => {})
  }

  async #finish({ backup, mustStay }: Way): Promise<void> {
    const { settings, checkpoint, world, ledger, observe } = this.#parts
    const { to, note, isDone } = await finish(backup, settings.processed, checkpoint, world.disk, mustStay)
    if (isDone) ledger.finished++
    if (to !== undefined) ledger.moved++
    observe({ kind: 'finished', path: backup.file.path, to, ...(note === undefined ? {} : { note }) })
  }
}
