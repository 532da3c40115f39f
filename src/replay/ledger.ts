import { FailoverctlError } from '../core/errors.ts'
import type { Signal } from '../otlp/signal.ts'
import { bytesOf, type Held, itemsOf, linesOf } from './held.ts'
import type { LeftFile, Summary, Tally } from './seams.ts'

class Count implements Tally {
  lines = 0
  items = 0

  add(lines: number, items: number): void {
    this.lines += lines
    this.items += items
  }
}

const plain = ({ lines, items }: Tally): Tally => ({ lines, items })

/** What became of every line and item of a run. */
export class Ledger {
  readonly read = new Count()
  readonly acknowledged = new Count()
  readonly rejected = new Count()
  readonly deadLettered = new Count()
  readonly skipped = new Count()
  /** Lines that were given back unsettled. */
  readonly left = new Count()
  readonly bySignal: Record<Signal, number> = { traces: 0, metrics: 0, logs: 0 }
  possibleDuplicates = 0
  requests = 0
  retries = 0
  bytes = 0
  finished = 0
  moved = 0
  readonly unreadable: LeftFile[]

  constructor(unreadable: readonly LeftFile[] = []) {
    this.unreadable = [...unreadable]
  }

  accept(lines: readonly Held[], rejected: number): void {
    const items = itemsOf(lines)
    // A backend may say more than it was given.
    const refused = Math.min(Math.max(0, rejected), items)
    this.acknowledged.add(linesOf(lines), items - refused)
    this.rejected.add(0, refused)
    this.bytes += lines.reduce((sum, line) => sum + bytesOf(line), 0)
    for (const { signal, items } of lines) this.bySignal[signal] += items
  }

  giveBack(lines: readonly Held[]): void {
    this.left.add(linesOf(lines), itemsOf(lines))
  }

  /** Throws a bug when a line or item went through without being counted. */
  check(): void {
    for (const unit of ['lines', 'items'] as const) {
      const settled =
        this.acknowledged[unit] + this.rejected[unit] + this.deadLettered[unit] + this.skipped[unit] + this.left[unit]
      if (settled !== this.read[unit])
        throw new FailoverctlError('bug', `${this.read[unit]} ${unit} were read, and ${settled} accounted for`)
    }
  }

  summary(files: { readonly found: number }, rest: Pick<Summary, 'unreadBytes' | 'elapsedMs' | 'stopped'>): Summary {
    this.check()
    const { read, acknowledged, rejected, deadLettered, skipped, left, bySignal, possibleDuplicates, requests, retries, bytes } =
      this
    return {
      files: { found: files.found, finished: this.finished, moved: this.moved },
      read: plain(read),
      acknowledged: plain(acknowledged),
      rejected: plain(rejected),
      deadLettered: plain(deadLettered),
      skipped: plain(skipped),
      left: plain(left),
      possibleDuplicates,
      bySignal: { ...bySignal },
      requests,
      retries,
      bytes,
      unreadable: [...this.unreadable],
      ...rest,
    }
  }
}
