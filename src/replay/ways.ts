import type { Host } from '../core/host.ts'
import type { Checkpoint } from './checkpoint.ts'
import type { ChunkPool } from './chunk.ts'
import type { Backup } from './find.ts'
import { finish, type Processed } from './finish.ts'
import type { Held } from './held.ts'
import type { Ledger } from './ledger.ts'
import { leftFile, type Observer } from './seams.ts'
import { isStream } from './shape.ts'

/** A file on its way: read over there, settled at the backends, and put away when both have ended. */
export interface Way {
  readonly backup: Backup
  /** Lines that are read and not settled. */
  open: number
  /** Where reading stands, in bytes of the file. */
  at: number
  isRead: boolean
  /** Something of it stays to be done by another run, so it is not put away. */
  isLeft: boolean
  /** Why it must not be deleted: a dead letter of it is kept by reference alone. */
  mustStay: string | undefined
}

interface Parts {
  readonly processed: Processed
  readonly checkpoint: Checkpoint
  readonly ledger: Ledger
  readonly pool: ChunkPool
  readonly observe: Observer
  readonly world: Pick<Host, 'disk'>
}

/** How far each file is, and puts it away as soon as all of it is settled. */
export class Ways {
  readonly #parts: Parts
  readonly #ways = new Map<string, Way>()
  /** The files of which nothing is left to be read. */
  readonly #read = new Set<string>()
  readonly #finishing = new Set<Promise<void>>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  begin(backup: Backup): Way {
    const way: Way = { backup, open: 0, at: 0, isRead: false, isLeft: backup.isLive, mustStay: undefined }
    this.#ways.set(backup.file.id, way)
    return way
  }

  /** Reading has come to its end, or was ended before. */
  end(way: Way, isWhole: boolean): void {
    const { backup } = way
    way.isRead = isWhole && (backup.isLive || !way.isLeft)
    if (way.isRead) this.#read.add(backup.file.id)
    else way.isLeft = true
    this.#finishIfSettled(way)
  }

  /** The system does not let us read it, or not to its end: it stays, and the other files need not wait for it. */
  cannotRead(way: Way, error: Error): void {
    this.#parts.ledger.unreadable.push(leftFile(way.backup.file.path, error))
    this.leave(way, error.message)
  }

  /** Another run may read it. */
  leave(way: Way, note: string): void {
    way.isLeft = true
    this.#parts.observe({ kind: 'finished', path: way.backup.file.path, to: undefined, note })
  }

  /** Lines whose way has ended. */
  release(lines: readonly Held[], settled: boolean, reusable: boolean): void {
    const { pool } = this.#parts
    let way: Way | undefined
    for (const { chunk, file, count } of lines) {
      if (chunk && reusable) pool.release(chunk, count)
      if (way?.backup.file !== file) {
        this.#finishIfSettled(way)
        way = this.#ways.get(file.id)
      }
      if (!way) continue
      way.open -= count
      if (!settled) way.isLeft = true
    }
    this.#finishIfSettled(way)
  }

  async finishAll(): Promise<void> {
    while (this.#finishing.size > 0) await Promise.all(this.#finishing)
  }

  /** Bytes that this run has not come to. */
  unread(backups: readonly Backup[]): number {
    const unreadOf = ({ file: { id, size }, shape }: Backup): number => {
      if (this.#read.has(id)) return 0
      const settled = isStream(shape) ? 0 : this.#parts.checkpoint.settledIn(id).lowWater
      return Math.max(0, size - Math.max(this.#ways.get(id)?.at ?? 0, settled))
    }
    return backups.reduce((sum, backup) => sum + unreadOf(backup), 0)
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
    const { processed, checkpoint, world, ledger, observe } = this.#parts
    const { to, note, isDone } = await finish(backup, processed, checkpoint, world.disk, mustStay)
    if (isDone) ledger.finished++
    if (to !== undefined) ledger.moved++
    observe({ kind: 'finished', path: backup.file.path, to, ...(note === undefined ? {} : { note }) })
  }
}
