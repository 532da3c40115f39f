import { Arrivals } from '../../arrivals.ts'
import type { Counters } from '../../counters.ts'
import type { CountedHolding, Holding } from '../../holding.ts'
import type { ArrivalFile } from './arrival-files.ts'

/** What tells of a container which spans have come, or at least how many. */
export interface ArrivalSource {
  /** It is asked anew so often at most, and knows so late at most. Milliseconds. */
  readonly everyMs: number
  readonly knowsWithinMs: number
  /** What a reader of the report must know of it; goes on after the name of the backend. */
  readonly note: string | undefined
  /** What is there by now is none of the run. */
  begin(): Promise<void>
  look(): Promise<void>
  /** As of the last look. */
  readonly holding: Holding | CountedHolding
  /** From now on only spans with this number or a later one count for `hasArrived`. */
  mark(fromSequence: number): void
  readonly hasArrived: boolean
  /** To be called before the container runs again. */
  beforeReturn(): Promise<void>
  close(): Promise<void>
}

/** A file exporter writes once a second (contrib 0.161, flush_interval). */
const FLUSH_MS = 1000

/** The best there is: which spans have come, by number. */
export function fileSource(file: ArrivalFile, run: string): ArrivalSource {
  const arrivals = new Arrivals(file.path, run, file.disk)
  let markedFrom = Number.POSITIVE_INFINITY
  return {
    everyMs: file.everyMs,
    knowsWithinMs: file.everyMs + FLUSH_MS,
    note: file.isCopied ? 'is counted by a file that is copied out of its container once a second' : undefined,
    begin: () => arrivals.skipToEnd(),
    look: () => arrivals.read(),
    get holding() {
      return arrivals.witness
    },
    mark: fromSequence => void (markedFrom = fromSequence),
    get hasArrived() {
      return arrivals.witness.seen.highest >= markedFrom
    },
    beforeReturn: () => arrivals.readBeforeRestart(),
    close: () => arrivals.close(),
  }
}

const SCRAPED_EVERY_MS = 250

/** Where there is no file: so many spans, and not which. `why` beats what the counters say of themselves. */
export function counterSource(counters: Counters, note: string, why?: string): ArrivalSource {
  let countedBefore = Number.POSITIVE_INFINITY
  return {
    everyMs: SCRAPED_EVERY_MS,
    knowsWithinMs: SCRAPED_EVERY_MS,
    note,
    begin: () => counters.look(),
    look: () => counters.look(),
    get holding() {
      return why === undefined ? counters.holding : { ...counters.holding, why }
    },
    mark: () => void (countedBefore = counters.holding.counted),
    get hasArrived() {
      return counters.holding.counted > countedBefore
    },
    beforeReturn: () => counters.look(),
    close: async () => {},
  }
}
