import type { Collector } from '../model/collector.ts'
import type { Agenda } from './agenda.ts'
import { alike } from './alike.ts'
import type { FileBackend } from './file-backend.ts'
import type { Ledger } from './ledger.ts'
import type { Recorder } from './recorder.ts'
import type { Sender } from './sender.ts'

/** What a run consists of, as far as a stretch of it can be repeated. */
interface Parts {
  readonly collector: Collector
  readonly state: ReadonlyMap<string, unknown>
  readonly ledger: Ledger
  readonly recorder: Recorder
  readonly sender: Sender
  readonly agenda: Agenda<unknown>
  /** By the number of the backend. */
  readonly files: ReadonlyMap<number, FileBackend>
  readonly requestBytes: number
}

/** How much there was of everything that is counted. */
interface Counts {
  readonly delivered: readonly number[]
  readonly totals: Ledger['totals']
  readonly curves: readonly number[]
  readonly refusals: ReadonlyMap<string, number>
}

interface Mark extends Counts {
  readonly at: number
  /** The number of the request that came next. */
  readonly request: number
  readonly state: ReadonlyMap<string, unknown>
  readonly pending: number
  readonly scheduled: number
}

/** A state that leads back to itself, and what each time comes of it. */
interface Period extends Counts {
  readonly at: number
  readonly state: ReadonlyMap<string, unknown>
  /** The first of its requests, and how many there are. */
  readonly like: number
  readonly requests: number
}

/** How many requests a period may have: a batch processor joins several into one. */
const LONGEST_PERIOD = 64
/** How many periods are remembered between two changes of the world. */
const MOST_PERIODS = 8
const NOISE = 1e-6

/**
 * Between two ticks of a timer a steady sender sees the same again and again. Where the state before a request is the state
 * before an earlier one, and nothing but the sender's requests happened in between, those requests repeat exactly until
 * something else is due: they are counted, not computed. What differs in anything at all is computed.
 */
export class Quiet {
  readonly #parts: Parts
  readonly #timers: readonly number[]
  #mark: Mark | undefined
  #known: Period[] = []

  constructor(parts: Parts) {
    this.#parts = parts
    this.#timers = Array.from(parts.collector.nodes.values(), ({ period }) => period ?? 0).filter(period => period > 0)
  }

  /** Something happened that is no part of a period. */
  disturb(): void {
    this.#mark = undefined
  }

  /** The world has changed: what came of a state before says nothing about what comes of it now. */
  forget(): void {
    this.#mark = undefined
    this.#known = []
  }

  /**
   * To be called before a request while the sender waits for nothing; `limit` is when something else is due.
   * Answers with how many requests it has dealt with.
   */
  skip(now: number, limit: number): number {
    const known = this.#known.find(period => this.#isIn(period, now))
    if (known) return this.#repeat(known, now, limit)
    const mark = this.#mark
    const { sender, agenda } = this.#parts
    const requests = mark ? sender.sent - mark.request : 0
    const mayReturn = mark && requests > 0 && agenda.length === mark.pending && this.#isInStep(now - mark.at)
    if (mayReturn && this.#isBack(mark)) {
      const period = this.#since(mark, requests)
      this.#known = [period, ...this.#known.slice(0, MOST_PERIODS - 1)]
      this.#mark = undefined
      return this.#repeat(period, now, limit)
    }
    if (!mark || mayReturn || requests >= LONGEST_PERIOD) this.#mark = this.#take(now)
    return 0
  }

  /** No chance was taken in the period, so the seed for the next one does not matter. */
  #isIn(period: Period, now: number): boolean {
    if (!this.#isInStep(now - period.at)) return false
    for (const [id, own] of this.#parts.state) if (!alike(own, period.state.get(id), 'seed')) return false
    return true
  }

  /** Whether every timer that never stands still is where it was. */
  #isInStep(passedMs: number): boolean {
    return this.#timers.every(period => Math.abs(passedMs / period - Math.round(passedMs / period)) < NOISE)
  }

  #isBack({ scheduled, state: before, request }: Mark): boolean {
    const { agenda, state, ledger, sender } = this.#parts
    if (!agenda.isOlderThan(scheduled)) return false
    for (const [id, own] of state) if (!alike(own, before.get(id))) return false
    return ledger.areAlike(request, sender.sent - 1)
  }

  #repeat(period: Period, now: number, limit: number): number {
    const { sender, ledger, recorder, files, requestBytes } = this.#parts
    const { requests, like } = period
    const times = Math.min(Math.floor((limit - now) / (requests * sender.gapMs)), this.#room(period))
    if (times <= 0) return 0
    const [from, count] = [sender.sent, times * requests]
    const until = now + count * sender.gapMs
    const { totals, delivered } = ledger
    for (const key of Object.keys(totals) as (keyof typeof totals)[]) totals[key] += period.totals[key] * times
    for (const [backend, spans] of period.delivered.entries()) {
      if (spans === 0) continue
      delivered[backend] = (delivered[backend] as number) + spans * times
      files.get(backend)?.write({ from, to: from + count - 1 }, count * requestBytes, until)
    }
    for (const [error, spans] of period.refusals) sender.refuse(error, spans * times)
    ledger.repeat(like, from, count)
    recorder.repeat(period.curves, times, now, until)
    sender.skip(count)
    return count
  }

  /** How many periods fit into the files that the period writes to. */
  #room({ delivered, requests }: Period): number {
    const { files, requestBytes } = this.#parts
    let room = Number.POSITIVE_INFINITY
    for (const [backend, file] of files)
      if (delivered[backend] !== 0) room = Math.min(room, Math.floor(file.room / (requestBytes * requests)))
    return room
  }

  #since({ at, state, request, ...before }: Mark, requests: number): Period {
    const { delivered, totals, curves, refusals } = this.#counts()
    const grown = (now: readonly number[], then: readonly number[]) => now.map((value, index) => value - (then[index] as number))
    return {
      at,
      state,
      like: request,
      requests,
      delivered: grown(delivered, before.delivered),
      totals: {
        sent: totals.sent - before.totals.sent,
        acknowledged: totals.acknowledged - before.totals.acknowledged,
        refused: totals.refused - before.totals.refused,
        unknown: totals.unknown - before.totals.unknown,
        duplicated: totals.duplicated - before.totals.duplicated,
      },
      curves: grown(curves, before.curves),
      refusals: new Map(Array.from(refusals, ([error, spans]) => [error, spans - (before.refusals.get(error) ?? 0)])),
    }
  }

  #take(at: number): Mark {
    const { sender, state, agenda } = this.#parts
    return {
      at,
      request: sender.sent,
      state: new Map(state),
      pending: agenda.length,
      scheduled: agenda.count,
      ...this.#counts(),
    }
  }

  #counts(): Counts {
    const { ledger, sender, recorder } = this.#parts
    return {
      delivered: [...ledger.delivered],
      totals: { ...ledger.totals },
      curves: recorder.totals(),
      refusals: new Map(sender.refusals),
    }
  }
}
