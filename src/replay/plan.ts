import type { Disk } from '../core/disk.ts'
import type { Signal } from '../otlp/signal.ts'
import type { Shape } from './backup.ts'
import type { Checkpoint } from './checkpoint.ts'
import { ChunkPool } from './chunk.ts'
import type { Backup } from './find.ts'
import { Gatherer, type Limits } from './gather.ts'
import { bytesOf, type Held } from './held.ts'
import { readBackup } from './read-backup.ts'
import type { Mine, Transform } from './seams.ts'
import type { Rate } from './throttle/rate.ts'
import { recordedAtMs } from './transform/recorded-at.ts'
import { transformedLine } from './transformed-line.ts'

export interface PlannedFile {
  readonly path: string
  readonly shape: Shape
  /** On disk. */
  readonly bytes: number
  /** To be sent: what is settled already, filtered out or another shard's is not in these. */
  readonly lines: number
  readonly items: number
  /** Lines that will be dead letters. */
  readonly damaged: number
}

/** What a run would do. Times in milliseconds since 1970. */
export interface Plan {
  readonly files: readonly PlannedFile[]
  readonly ignored: readonly { readonly path: string; readonly reason: string }[]
  readonly lines: number
  readonly damaged: number
  readonly bySignal: Readonly<Record<Signal, number>>
  readonly requests: number
  /** Of request bodies, before compression. */
  readonly bytes: number
  readonly firstMs: number | undefined
  readonly lastMs: number | undefined
  /** How long the run takes at least, by its limits; undefined where only the backend decides. */
  readonly expectedMs: number | undefined
}

export interface PlanSettings {
  readonly limits: Limits
  readonly maxLine: number
  readonly signal: Signal | undefined
  readonly transform: Transform | undefined
  readonly mine: Mine | undefined
  readonly rates: readonly Rate[]
  readonly delayMs: number | undefined
  readonly speed: number | undefined
}

/** Reads all that a run would send, and counts it. */
export async function planReplay(
  { backups, ignored }: { readonly backups: readonly Backup[]; readonly ignored: Plan['ignored'] },
  settings: PlanSettings,
  checkpoint: Pick<Checkpoint, 'settledIn'>,
  { disk }: { readonly disk: Pick<Disk, 'open' | 'unzstd'> },
): Promise<Plan> {
  const count = new Count(settings)
  const files: PlannedFile[] = []
  for (const backup of backups) files.push(await count.file(backup, checkpoint, disk))
  return { files, ignored, ...count.total() }
}

const UNREADABLE = { kind: 'unreadable' } as const

class Count {
  readonly #settings: PlanSettings
  readonly #pool: ChunkPool
  readonly #gatherer: Gatherer
  readonly #bySignal: Record<Signal, number> = { traces: 0, metrics: 0, logs: 0 }
  #lines = 0
  #damaged = 0
  #requests = 0
  #bytes = 0
  #firstMs: number | undefined
  #lastMs: number | undefined

  constructor(settings: PlanSettings) {
    this.#settings = settings
    this.#pool = ChunkPool.for(settings.limits)
    this.#gatherer = new Gatherer(settings.limits)
  }

  async file(
    { file, shape, isLive }: Backup,
    checkpoint: Pick<Checkpoint, 'settledIn'>,
    disk: Pick<Disk, 'open' | 'unzstd'>,
  ): Promise<PlannedFile> {
    const { maxLine, signal, mine } = this.#settings
    const own = { lines: 0, items: 0, damaged: 0 }
    const opened = await disk.open(file.path)
    try {
      const settled = checkpoint.settledIn(file.id)
      const reading = { disk, pool: this.#pool, maxLine, settled, complete: !isLive, signal, mine }
      for await (const batch of readBackup(file, shape, opened, reading)) {
        for (const found of batch) {
          const { from } = found.kind === 'line' ? found.line : found
          if (found.kind === 'empty' || (mine && !mine(file.id, from))) continue
          const result = found.kind === 'line' ? transformedLine(found.line, this.#settings.transform) : UNREADABLE
          if (result.kind === 'unreadable') own.damaged++
          if (result.kind === 'sent') {
            const { line } = result
            own.lines += line.count
            own.items += line.items
            this.#add(line)
          }
        }
        this.#requests += this.#gatherer.atChunkEnd().length
      }
    } finally {
      await opened.close()
    }
    this.#lines += own.lines
    this.#damaged += own.damaged
    return { path: file.path, shape, bytes: file.size, ...own }
  }

  total(): Omit<Plan, 'files' | 'ignored'> {
    this.#requests += this.#gatherer.rest().length
    return {
      lines: this.#lines,
      damaged: this.#damaged,
      bySignal: this.#bySignal,
      requests: this.#requests,
      bytes: this.#bytes,
      firstMs: this.#firstMs,
      lastMs: this.#lastMs,
      expectedMs: this.#expectedMs(),
    }
  }

  #add(line: Held): void {
    this.#bySignal[line.signal] += line.items
    this.#bytes += bytesOf(line)
    this.#requests += this.#gatherer.add(line).length
    const at = recordedAtMs(line)
    if (at === undefined) return
    this.#firstMs = Math.min(this.#firstMs ?? at, at)
    this.#lastMs = Math.max(this.#lastMs ?? at, at)
  }

  /** The slowest of the limits decides. */
  #expectedMs(): number | undefined {
    const { rates, delayMs, speed } = this.#settings
    const items = Object.values(this.#bySignal).reduce((sum, count) => sum + count, 0)
    const totals = { requests: this.#requests, items, bytes: this.#bytes }
    const ends = rates.map(({ unit, perSecond }) => (totals[unit] * 1000) / perSecond)
    if (delayMs !== undefined) ends.push(this.#requests * delayMs)
    if (speed !== undefined && this.#firstMs !== undefined && this.#lastMs !== undefined)
      ends.push((this.#lastMs - this.#firstMs) / speed)
    return ends.length > 0 ? Math.max(...ends) : undefined
  }
}
