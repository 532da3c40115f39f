import type { OpenFile } from '../core/disk.ts'
import { FailoverctlError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import type { Range } from './backup.ts'
import type { Checkpoint } from './checkpoint.ts'
import type { ChunkPool } from './chunk.ts'
import { type DeadLetters, keep } from './dead-letters.ts'
import type { Backup } from './find.ts'
import type { Gatherer } from './gather.ts'
import type { Held } from './held.ts'
import type { Ledger } from './ledger.ts'
import { isPlain, isWhole, ownParts } from './own-parts.ts'
import type { Pump } from './pump.ts'
import { isLastPart } from './ranges.ts'
import { type Found, readBackup } from './read-backup.ts'
import type { ReplaySettings } from './run.ts'
import type { Observer } from './seams.ts'
import { isStream } from './shape.ts'
import type { Stop } from './stop.ts'
import { transformedLine } from './transformed-line.ts'
import type { Way, Ways } from './ways.ts'

interface Parts {
  readonly settings: ReplaySettings
  readonly checkpoint: Checkpoint
  readonly ledger: Ledger
  readonly letters: DeadLetters
  readonly pool: ChunkPool
  readonly ways: Ways
  readonly stop: Stop
  readonly observe: Observer
  readonly world: Pick<Host, 'disk'>
}

/** With the items of a line that was counted before it turned out to be bad. */
type BadLine = Extract<Found, { kind: 'bad' }> & { readonly items: number; readonly parts?: Held['parts'] }

/** Reads files, line by line: what is to be sent goes to the pump, the rest is settled here. */
export class FileRun {
  readonly #parts: Parts
  /** What is filtered out since the last chunk. */
  #skipped: Range[] = []

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async read(backup: Backup, gatherer: Gatherer, pump: Pump): Promise<void> {
    const { file } = backup
    const { checkpoint, observe, stop, ways } = this.#parts
    const way = ways.begin(backup)
    observe({ kind: 'file', path: file.path, bytes: file.size })
    const opened = await this.#open(way)
    if (!opened) return
    try {
      checkpoint.seen(file.id, file.path, file.size, isStream(backup.shape))
      await this.#readAll(way, opened, gatherer, pump)
      ways.end(way, stop.cause === undefined)
    } catch (error) {
      if (!(error instanceof FailoverctlError) || error.exit === 70) throw error
      ways.cannotRead(way, error)
    } finally {
      await opened.close()
    }
  }

  /** Keeps a line that cannot be delivered; after that it is settled. */
  async bury(line: Held, reason: string): Promise<void> {
    const { file, from, to, encoding, signal, items, bytes } = line
    await this.#keepLetter({ file: file.path, offset: from, length: to - from, reason, encoding, signal, items, ...keep(bytes) })
  }

  async #open(way: Way): Promise<OpenFile | undefined> {
    try {
      return await this.#parts.world.disk.open(way.backup.file.path)
    } catch (error) {
      if (!(error instanceof FailoverctlError)) throw error
      this.#parts.ways.cannotRead(way, error)
      return undefined
    }
  }

  async #readAll(way: Way, opened: OpenFile, gatherer: Gatherer, pump: Pump): Promise<void> {
    const { settings, checkpoint, pool, world, stop, observe, ledger, ways } = this.#parts
    const { file, shape } = way.backup
    const { device, inode } = await opened.stat()
    // Between the finding and now the exporter may have turned to the next file under this name.
    if (device !== file.device || inode !== file.inode) return ways.leave(way, 'it was renamed: run again for it')
    const found = readBackup(file, shape, opened, {
      disk: world.disk,
      pool,
      maxLine: settings.maxLine,
      settled: checkpoint.settledIn(file.id),
      complete: !way.backup.isLive,
      signal: settings.signal,
      mine: settings.mine,
      alike: settings.transform || settings.pace ? undefined : settings.limits,
      packed: bytes => {
        way.at = bytes
      },
    })
    for await (const batch of found) {
      for (const one of batch) {
        // Not a promise for each line: there may be a million a second.
        const line = this.#take(one, way)
        if (line?.kind === 'bad') await this.#buryBad(line, way, opened)
        else if (line?.kind === 'line') {
          const notYet = settings.pace?.(line.line, stop.signal)?.catch(() => {})
          if (notYet) {
            // What came before it is due by now, however little it is.
            for (const lines of gatherer.rest()) await pump.send(lines)
            await notYet
          }
          way.open += line.line.count
          if (line.line.chunk) line.line.chunk.uses += line.line.count
          for (const lines of gatherer.add(line.line)) await pump.send(lines)
        }
      }
      checkpoint.settle(this.#skipped, 'skipped')
      this.#skipped = []
      for (const lines of gatherer.atChunkEnd()) await pump.send(lines)
      const last = batch.at(-1)
      if (last && !isStream(shape)) way.at = last.kind === 'line' ? last.line.to : last.to
      observe({ kind: 'read', path: file.path, at: way.at, lines: ledger.read.lines, items: ledger.read.items })
      if (stop.cause !== undefined) return
    }
    const { size } = await opened.stat()
    // To the reader that looks like the end of the file.
    if (size < file.size && way.at < file.size)
      throw new FailoverctlError(
        'unreadable',
        `${file.path}: cut to ${size} bytes while it was read: the rest is not in it any more`,
      )
    if (!settings.mine) return
    // What lies behind a shard's last line is another's.
    if (isPlain(shape) && !isWhole(ownParts(settings.mine, file.id, file.size), file.size)) way.isLeft = true
    way.at = file.size
    observe({ kind: 'read', path: file.path, at: way.at, lines: ledger.read.lines, items: ledger.read.items })
  }

  /** Counts a line. Answers with what is to be sent, or kept as a dead letter. */
  #take(found: Found, way: Way): (Found & { kind: 'line' }) | BadLine | undefined {
    const { ledger, settings } = this.#parts
    const { file } = way.backup
    const range = found.kind === 'line' ? found.line : found
    if (settings.mine && !settings.mine(file.id, range.from)) {
      way.isLeft = true
      return undefined
    }
    if (found.kind === 'line') ledger.read.add(found.line.count, found.line.items)
    else ledger.read.add(1, 0)
    if (found.kind === 'empty') return this.#skip(way, found, 0)
    if (found.kind === 'bad') return { ...found, items: 0 }
    if (!settings.transform) return found
    const result = transformedLine(found.line, settings.transform)
    if (result.kind === 'skipped') return this.#skip(way, found.line, found.line.items)
    if (result.kind === 'unreadable') {
      const { from, to, bytes, encoding, items, parts } = found.line
      return { kind: 'bad', from, to, bytes, encoding, reason: result.reason, items, parts }
    }
    ledger.skipped.add(0, result.skippedItems)
    return { kind: 'line', line: result.line }
  }

  #skip(way: Way, { from, to, parts }: Pick<Held, 'from' | 'to' | 'parts'>, items: number): undefined {
    this.#parts.ledger.skipped.add(1, items)
    if (!isLastPart(parts)) return
    const last = this.#skipped.at(-1)
    const file = way.backup.file.id
    if (last?.file === file && last.to === from)
      this.#skipped[this.#skipped.length - 1] = { ...last, to, lines: last.lines + 1, items: last.items + items }
    else this.#skipped.push({ file, from, to, lines: 1, items })
  }

  async #buryBad(found: BadLine, way: Way, opened: OpenFile): Promise<void> {
    const { ledger, checkpoint, letters, stop } = this.#parts
    const { file, shape } = way.backup
    const { from, to, bytes, encoding, reason, items, parts } = found
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
    if (isLastPart(parts)) checkpoint.settle([{ file: file.id, from, to, lines: 1, items }], 'dead-letter')
  }

  async #keepLetter(letter: Parameters<DeadLetters['add']>[0]): Promise<void> {
    await this.#parts.letters.add(letter)
    const { file: path, offset, length, reason } = letter
    this.#parts.observe({ kind: 'dead-letter', path, offset, length, reason })
  }
}
