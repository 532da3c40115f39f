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

interface Mark {
  readonly at: number
  /** The number of the request that came next. */
  readonly request: number
  readonly state: ReadonlyMap<string, unknown>
  readonly pending: number
  readonly scheduled: number
  readonly delivered: readonly number[]
  readonly totals: Ledger['totals']
  readonly curves: readonly number[]
  readonly refusals: ReadonlyMap<string, number>
}

/** How many requests a period may have: a batch processor joins several into one. */
const LONGEST_PERIOD = 64
const NOISE = 1e-6

/**
 * Between two ticks of a timer a steady sender sees the same again and again. Where the state before a request is the state
 * before an earlier one, nothing is on its way and nothing else is due, the requests in between repeat exactly until
 * something is due: they are counted, not computed. What differs in anything at all is computed.
 */
export class Quiet {
  readonly #parts: Parts
  readonly #periods: readonly number[]
  #mark: Mark | undefined

  constructor(parts: Parts) {
    this.#parts = parts
    this.#periods = Array.from(parts.collector.nodes.values(), ({ period }) => period ?? 0).filter(period => period > 0)
  }

  /** Something happened that is no part of a period. */
  disturb(): void {
    this.#mark = undefined
  }

  /**
   * To be called before a request while the sender waits for nothing; `limit` is when something else is due.
   * Answers with how many requests it has dealt with.
   */
  skip(now: number, limit: number): number {
    const { sender, agenda } = this.#parts
    const mark = this.#mark
    const period = mark ? sender.sent - mark.request : 0
    const mayReturn = mark && period > 0 && agenda.length === mark.pending && this.#isInStep(now - mark.at)
    if (mayReturn && this.#isBack(mark)) {
      // The last period is computed: what is due at its end finds things as they were.
      const times = Math.min(Math.floor((limit - now) / (period * sender.gapMs)), this.#room(mark, period)) - 1
      this.#mark = undefined
      if (times <= 0) return 0
      this.#repeat(mark, now, period, times)
      return times * period
    }
    if (!mark || mayReturn || period >= LONGEST_PERIOD) this.#mark = this.#take(now)
    return 0
  }

  /** Whether every timer that never stands still is where it was. */
  #isInStep(passedMs: number): boolean {
    return this.#periods.every(period => Math.abs(passedMs / period - Math.round(passedMs / period)) < NOISE)
  }

  #isBack({ scheduled, state: before, request }: Mark): boolean {
    const { agenda, state, ledger, sender } = this.#parts
    if (!agenda.isOlderThan(scheduled)) return false
    for (const [id, own] of state) if (!alike(own, before.get(id))) return false
    return ledger.areAlike(request, sender.sent - 1)
  }

  /** How many periods fit into the files that the period writes to. */
  #room({ delivered }: Mark, period: number): number {
    const { files, ledger, requestBytes } = this.#parts
    let room = Number.POSITIVE_INFINITY
    for (const [backend, file] of files)
      if (ledger.delivered[backend] !== delivered[backend]) room = Math.min(room, Math.floor(file.room / (requestBytes * period)))
    return room
  }

  #repeat(mark: Mark, now: number, period: number, times: number): void {
    const { sender, ledger, recorder, files, requestBytes } = this.#parts
    const { totals, delivered } = ledger
    const [from, count] = [sender.sent, times * period]
    const until = now + count * sender.gapMs
    for (const key of Object.keys(totals) as (keyof typeof totals)[]) totals[key] += (totals[key] - mark.totals[key]) * times
    for (const [backend, before] of mark.delivered.entries()) {
      const grown = (delivered[backend] as number) - before
      if (grown === 0) continue
      delivered[backend] = before + grown * (times + 1)
      files.get(backend)?.write({ from, to: from + count - 1, since: now, at: until }, count * requestBytes)
    }
    for (const [error, spans] of sender.refusals) sender.refuse(error, (spans - (mark.refusals.get(error) ?? 0)) * times)
    ledger.repeat(mark.request, from, count)
    recorder.repeat(mark.curves, now - mark.at, now, until)
    sender.skip(count)
  }

  #take(at: number): Mark {
    const { ledger, sender, state, agenda, recorder } = this.#parts
    return {
      at,
      request: sender.sent,
      state: new Map(state),
      pending: agenda.length,
      scheduled: agenda.count,
      delivered: [...ledger.delivered],
      totals: { ...ledger.totals },
      curves: recorder.totals(),
      refusals: new Map(sender.refusals),
    }
  }
}
