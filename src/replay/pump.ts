import { type Clock, sleep } from '../core/clock.ts'
import type { Random } from '../core/random.ts'
import type { Member } from '../failover/member.ts'
import { backoffMs, RETRY_DEFAULTS, type RetrySettings } from '../failover/retry.ts'
import { whyNot } from '../otlp/explain.ts'
import { isTooLarge, type Verdict } from '../otlp/reply.ts'
import type { Backend, Backends, Turn } from './backends.ts'
import type { Checkpoint } from './checkpoint.ts'
import { apart, type Held, itemsOf, linesOf } from './held.ts'
import type { Ledger } from './ledger.ts'
import type { Poster } from './post.ts'
import { rangesOf } from './ranges.ts'
import type { Observer, Throttle } from './seams.ts'
import { bodyOf, restore } from './splice.ts'
import type { Stop } from './stop.ts'

export interface PumpSettings {
  /** Requests on their way at once. */
  readonly concurrency: number
  /** Ends the run when nothing was acknowledged for so long, in milliseconds. */
  readonly giveUpMs: number
}

export interface PumpParts {
  readonly backends: Backends
  readonly throttle: Throttle
  readonly checkpoint: Checkpoint
  readonly ledger: Ledger
  readonly stop: Stop
  readonly observe: Observer
  readonly world: { readonly clock: Clock; readonly random: Random }
  readonly poster: Poster
  /** Keeps a line that cannot be delivered. */
  readonly bury: (line: Held, reason: string) => Promise<void>
  /** Keeps which lines a backend took only in part. */
  readonly noteRejects: (lines: readonly Held[], endpoint: string, rejected: number, message: string) => Promise<void>
  /** The lines are settled, or given back: their bytes are not needed any more. */
  readonly released: (lines: readonly Held[], settled: boolean, reusable: boolean) => void
}

/** Acknowledged requests that may wait for the disk, for each one that may be on its way: what a crash sends again. */
const UNSYNCED_PER_REQUEST = 3
/** So many single lines in a row refused, and none accepted: it is not the lines. */
const REFUSED_IN_A_ROW = 20
const RETRY: RetrySettings = { ...RETRY_DEFAULTS, baseMs: 200, factor: 2, maxMs: 30_000, jitter: 'full' }

/** The most requests whose lines a crash can send a second time. */
export const inDoubtAtMost = (concurrency: number): number => concurrency * (1 + UNSYNCED_PER_REQUEST)

/** Sends requests side by side until each line is acknowledged, buried, or given back because the run ends. */
export class Pump {
  readonly #settings: PumpSettings
  readonly #parts: PumpParts
  readonly #inFlight = new Set<Promise<void>>()
  #hasRoom: () => void = () => {}
  #refusedInARow = 0
  #broken: unknown
  #suspects: { line: Held; reason: string }[] = []
  #accepted = false
  /** Since when nothing is taken; undefined while all goes well. A pause, a wait or a slow recording is no silence of the backend. */
  #silentSince: number | undefined

  constructor(settings: PumpSettings, parts: PumpParts) {
    this.#settings = settings
    this.#parts = parts
  }

  /** Resolves as soon as there is room for the next one. */
  async send(lines: readonly Held[]): Promise<void> {
    const { checkpoint } = this.#parts
    const most = inDoubtAtMost(this.#settings.concurrency)
    while (this.#inFlight.size >= this.#settings.concurrency) await new Promise<void>(resolve => void (this.#hasRoom = resolve))
    while (this.#inFlight.size + checkpoint.unsynced >= most && !this.#parts.stop.signal.aborted)
      await this.#kept(() => checkpoint.durable())
    const way: Promise<void> = this.#settle(lines).finally(() => {
      this.#inFlight.delete(way)
      this.#hasRoom()
    })
    this.#inFlight.add(way)
    // Told at the end: the others are not to be left in the middle.
    way.catch(error => (this.#broken ??= error))
  }

  /** Waits for every answer. */
  async drain(): Promise<void> {
    while (this.#inFlight.size > 0) await Promise.allSettled(this.#inFlight)
    if (this.#broken !== undefined) throw this.#broken
    const suspects = this.#suspects
    this.#suspects = []
    // With nothing accepted at all nobody can say whether it is the lines: a run that was stopped leaves them.
    for (const { line, reason } of suspects) {
      if (this.#parts.stop.cause === undefined) await this.#bury(line, reason)
      else this.#giveBack([line])
    }
  }

  async #settle(lines: readonly Held[]): Promise<void> {
    const outcome = await this.#deliver(lines)
    if (outcome === undefined) return this.#giveBack(lines)
    if (outcome.verdict.kind === 'accepted') return this.#accept(lines, outcome)
    restore(lines)
    const [{ signal }] = lines as [Held]
    const problem = whyNot(outcome.verdict, outcome.backend.destinations[signal], signal)
    if (problem) {
      this.#parts.stop.now('not-taken', `${problem.message}. ${problem.hint}`)
      return this.#giveBack(lines)
    }
    // Which of them it is shows when they are sent apart.
    const each = lines.flatMap(apart)
    const [line] = each as [Held]
    if (each.length === 1) return this.#refused(line, outcome.verdict)
    const middle = each.length >> 1
    await this.#settle(each.slice(0, middle))
    await this.#settle(each.slice(middle))
  }

  /** Sends until there is an answer that is final. Undefined when the run ends first. */
  async #deliver(lines: readonly Held[]): Promise<Outcome | undefined> {
    const { backends, throttle, stop, world, poster } = this.#parts
    const body = bodyOf(lines)
    await poster.prepare(backends.first, lines, body)
    const request = { bytes: body.length, items: itemsOf(lines) }
    for (let attempt = 1; !stop.signal.aborted; attempt++) {
      try {
        await throttle.take(request, stop.signal)
        const answer = await this.#post(lines, body, attempt > 1)
        if (!answer) return undefined
        const { verdict, turn, concerning, again, latencyMs } = answer
        throttle.settled(concerning, latencyMs)
        if (verdict.kind === 'accepted' || verdict.kind === 'refused') return { verdict, backend: turn.backend, first: !again }
        this.#giveUpIfLate(verdict.reason, latencyMs)
        const after = concerning.kind === 'try-later' ? concerning.afterMs : undefined
        await sleep(world.clock, backoffMs(attempt, RETRY, world.random, after), stop.signal)
      } catch (error) {
        if (stop.signal.aborted && error === stop.signal.reason) return undefined
        throw error
      }
    }
    return undefined
  }

  /** Sends once, and at once again for as long as another backend may take what one has not. Undefined when the run ends first. */
  async #post(lines: readonly Held[], body: Uint8Array, isRetry: boolean): Promise<Answered | undefined> {
    const { backends, stop, world, ledger, poster } = this.#parts
    const tried: Member[] = []
    for (let again = isRetry; ; again = true) {
      const turn = await backends.pick(stop.signal, tried)
      if (stop.signal.aborted) return undefined
      const sentAt = world.clock.now()
      ledger.requests++
      if (again) ledger.retries++
      const verdict = await poster.post(turn.backend, lines, body)
      const latencyMs = world.clock.now() - sentAt
      const concerning = turn.record(verdict)
      this.#tell(turn.backend, verdict, latencyMs, lines, body.length)
      tried.push(turn.member)
      if (mayHaveArrived(verdict)) ledger.possibleDuplicates += itemsOf(lines)
      const isFinal = verdict.kind === 'accepted' || verdict.kind === 'refused' || !backends.hasOther(tried)
      if (isFinal || stop.signal.aborted) return { verdict, turn, concerning, again, latencyMs }
    }
  }

  async #accept(lines: readonly Held[], { verdict, backend, first }: Outcome): Promise<void> {
    if (verdict.kind !== 'accepted') return
    const { ledger, checkpoint, noteRejects, observe, released } = this.#parts
    this.#accepted = true
    this.#refusedInARow = 0
    this.#silentSince = undefined
    if (verdict.rejected > 0 || verdict.message) {
      const message = verdict.message ?? ''
      const note = () => noteRejects(lines, backend.name, verdict.rejected, message)
      if (verdict.rejected > 0 && !(await this.#kept(note))) return this.#giveBack(lines)
      observe({ kind: 'rejected', endpoint: backend.name, items: verdict.rejected, message })
    }
    ledger.accept(lines, verdict.rejected)
    checkpoint.settle(rangesOf(lines), 'acknowledged')
    released(lines, true, first)
    const suspects = this.#suspects
    this.#suspects = []
    for (const { line, reason } of suspects) await this.#bury(line, reason)
  }

  /** A line that is refused alone. Until the backend has accepted something it may be the backend. */
  async #refused(line: Held, { reason, status, message = '' }: Refusal): Promise<void> {
    // Too large is a line by itself, whatever the backend thinks of others.
    if (!LARGE.has(status) && !isTooLarge(message) && ++this.#refusedInARow >= REFUSED_IN_A_ROW)
      this.#parts.stop.now('gave-up', `the backend refuses every line (${reason})`)
    if (this.#parts.stop.cause !== undefined) return this.#giveBack([line])
    if (this.#accepted) return this.#bury(line, reason)
    this.#suspects.push({ line, reason })
  }

  async #bury(line: Held, reason: string): Promise<void> {
    const { bury, ledger, checkpoint, released } = this.#parts
    if (!(await this.#kept(() => bury(line, reason)))) return this.#giveBack([line])
    ledger.deadLettered.add(1, line.items)
    checkpoint.settle(rangesOf([line]), 'dead-letter')
    released([line], true, false)
  }

  /** What cannot be written down ends the run: whatever went on would be sent again. */
  async #kept(write: () => Promise<void>): Promise<boolean> {
    try {
      await write()
      return true
    } catch (error) {
      this.#parts.stop.cannotKeep(error)
      return false
    }
  }

  #giveBack(lines: readonly Held[]): void {
    this.#parts.ledger.giveBack(lines)
    this.#parts.released(lines, false, false)
  }

  #giveUpIfLate(reason: string, latencyMs: number): void {
    const { stop, world } = this.#parts
    const now = world.clock.now()
    this.#silentSince ??= now - latencyMs
    const silent = now - this.#silentSince
    if (silent >= this.#settings.giveUpMs)
      stop.now('gave-up', `nothing was acknowledged for ${Math.round(silent / 1000)} s (${reason})`)
  }

  #tell(backend: Backend, verdict: Verdict, latencyMs: number, lines: readonly Held[], bytes: number): void {
    const [{ signal }] = lines as [Held]
    const counts = { bytes, lines: linesOf(lines), items: itemsOf(lines) }
    this.#parts.observe({ kind: 'answer', endpoint: backend.name, signal, verdict, latencyMs, ...counts })
  }
}

interface Answered {
  readonly verdict: Verdict
  readonly turn: Turn
  /** What of the verdict concerns every request. */
  readonly concerning: Verdict
  /** It had been sent before. */
  readonly again: boolean
  readonly latencyMs: number
}

type Refusal = Extract<Verdict, { kind: 'refused' }>

interface Outcome {
  readonly verdict: Extract<Verdict, { kind: 'accepted' }> | Refusal
  readonly backend: Backend
  /** Nobody reads the body any more: an attempt that was given up may still do. */
  readonly first: boolean
}

/** A gateway that waited in vain (502, 504; DEADLINE_EXCEEDED and others over gRPC) may have passed the request on. */
const mayHaveArrived = (verdict: Verdict): boolean =>
  verdict.kind === 'unknown' ||
  (verdict.kind === 'try-later' && !verdict.notSent && ![429, 503, 8, 14].includes(verdict.status ?? 0))

/** HTTP 413, or over what OTLP allows. RESOURCE_EXHAUSTED over gRPC is a used-up quota as well: its words tell. */
const LARGE = new Set([413, 0])
