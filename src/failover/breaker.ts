import type { Random } from '../core/random.ts'
import { RateWindow } from './rate-window.ts'

export type BreakerState = 'closed' | 'open' | 'half-open' | 'isolated'

/** Times in milliseconds, shares from 0 to 1. */
export interface BreakerSettings {
  /** Failures in a row that open it. */
  readonly failures: number
  /** Share of failures within the window that opens it, from `minimumCalls` calls on. Above 1: never. */
  readonly failureRate: number
  readonly minimumCalls: number
  readonly windowMs: number
  /** How long it stays open the first time; each opening that follows soon stays `growth` times longer, up to `maxOpenMs`. */
  readonly openMs: number
  readonly growth: number
  readonly maxOpenMs: number
  /** Share by which the open time may be cut, so that many clients do not come back at one instant. */
  readonly jitter: number
  /** Requests without an answer at once while half-open. */
  readonly trials: number
  /** Successes in a row that close it again. */
  readonly successes: number
}

export const BREAKER_DEFAULTS: BreakerSettings = {
  failures: 5,
  failureRate: 0.5,
  minimumCalls: 20,
  windowMs: 10_000,
  openMs: 5_000,
  growth: 2,
  maxOpenMs: 60_000,
  jitter: 0.1,
  trials: 1,
  successes: 3,
}

/** What outlives a process. `remainingMs` counts from the moment of saving. */
export interface SavedBreaker {
  readonly state: 'closed' | 'open' | 'isolated'
  readonly remainingMs: number
  readonly openings: number
}

export type BreakerChange = (to: BreakerState, cause: string) => void

/**
 * Keeps requests from an endpoint that fails. It is told the time, which must not go back, and never asks for it:
 * `take` before a request, then `record` with the ticket, or `release` when the request says nothing about the endpoint.
 */
export class Breaker {
  readonly #settings: BreakerSettings
  readonly #random: Random
  readonly #changed: BreakerChange
  readonly #window: RateWindow
  #state: BreakerState = 'closed'
  /** From then on `take` succeeds: 0 always, Infinity not before a call from outside. */
  #availableAt = 0
  // A result counts only while the state lasts in which its request was sent.
  #ticket = 1
  /** Of this time half-open: trials from then on count, also those that were given up and answered after all. */
  #firstTrial = 1
  #inARow = 0
  #trialsOut = 0
  #openings = 0
  #openedForMs = 0
  #closedAt = 0

  constructor(settings: Partial<BreakerSettings> = {}, random: Random = () => 0, changed: BreakerChange = () => {}) {
    this.#settings = { ...BREAKER_DEFAULTS, ...settings }
    this.#random = random
    this.#changed = changed
    this.#window = new RateWindow(this.#settings.windowMs)
  }

  get state(): BreakerState {
    return this.#state
  }

  get availableAt(): number {
    return this.#availableAt
  }

  /** Milliseconds until a request may be sent; 0 now, Infinity while isolated. */
  waitMs(now: number): number {
    return Math.max(0, this.#availableAt - now)
  }

  /** Leave to send one request: a ticket for its result, or 0 when there is none. */
  take(now: number): number {
    if (now < this.#availableAt) return 0
    if (this.#state === 'closed') return this.#ticket
    // Half-open with every trial out and the time for their answers over: they are given up.
    if (this.#state === 'open' || this.#trialsOut >= this.#settings.trials) this.#halfOpen()
    if (++this.#trialsOut >= this.#settings.trials) this.#availableAt = now + this.#openedForMs
    return this.#ticket
  }

  record(ticket: number, worked: boolean, now: number): void {
    if (this.#state === 'half-open' && ticket >= this.#firstTrial) this.#recordTrial(ticket, worked, now)
    else if (this.#state === 'closed' && ticket === this.#ticket) this.#recordCall(worked, now)
  }

  /** Gives the ticket back: the request was not sent, or its end says nothing about the endpoint. */
  release(ticket: number): void {
    if (ticket === this.#ticket && this.#state === 'half-open') this.#trialBack()
  }

  /** No request any more, until `rejoin`. */
  isolate(): void {
    this.#become('isolated', Number.POSITIVE_INFINITY, 'by hand')
  }

  /** Closes it by hand. */
  rejoin(now: number): void {
    if (this.#state !== 'closed') this.#close(now, 'by hand')
  }

  save(now: number): SavedBreaker {
    const state = this.#state === 'half-open' ? 'open' : this.#state
    return { state, remainingMs: this.#state === 'open' ? this.waitMs(now) : 0, openings: this.#openings }
  }

  /** Goes on where `save` stopped, `elapsedMs` ago. */
  restore({ state, remainingMs, openings }: SavedBreaker, now: number, elapsedMs = 0): void {
    // What was saved by another version may lack a number: a time that is none would never be over.
    this.#openings = Number.isFinite(openings) ? openings : 0
    if (state === 'isolated') this.isolate()
    if (state !== 'open') return
    this.#openedForMs = this.#openTime(this.#openings)
    // A wall clock that was set back must not keep it open.
    const left = Math.min(remainingMs - Math.max(0, elapsedMs), this.#settings.maxOpenMs)
    this.#become('open', now + Math.max(0, Number.isNaN(left) ? 0 : left), 'restored')
  }

  #recordCall(worked: boolean, now: number): void {
    const { failures, failureRate, minimumCalls } = this.#settings
    this.#window.record(worked, now)
    this.#inARow = worked ? 0 : this.#inARow + 1
    if (worked) return
    const { calls, failed } = this.#window
    if (this.#inARow >= failures) this.#open(now, `${this.#inARow} failures in a row`)
    else if (calls >= minimumCalls && failed >= failureRate * calls) this.#open(now, `${failed} of ${calls} calls failed`)
  }

  #recordTrial(ticket: number, worked: boolean, now: number): void {
    // The place of one that was given up has gone to another.
    if (ticket === this.#ticket) this.#trialBack()
    if (!worked) this.#open(now, 'the trial failed')
    else if (++this.#inARow >= this.#settings.successes) this.#close(now, `${this.#inARow} trials worked`)
  }

  #trialBack(): void {
    this.#trialsOut--
    this.#availableAt = 0
  }

  #open(now: number, cause: string): void {
    // An endpoint that flaps is left alone longer each time; one that worked for as long as it was left alone starts anew.
    if (this.#state === 'closed' && now - this.#closedAt > this.#openedForMs) this.#openings = 0
    this.#openings++
    this.#openedForMs = this.#openTime(this.#openings)
    this.#become('open', now + this.#openedForMs, cause)
  }

  #openTime(openings: number): number {
    const { openMs, growth, maxOpenMs, jitter } = this.#settings
    return Math.min(maxOpenMs, openMs * growth ** Math.max(0, openings - 1)) * (1 - jitter * this.#random())
  }

  #halfOpen(): void {
    if (this.#state === 'half-open') this.#ticket++
    else this.#become('half-open', 0, 'a trial')
    this.#trialsOut = 0
    this.#availableAt = 0
  }

  #close(now: number, cause: string): void {
    this.#closedAt = now
    this.#window.clear()
    this.#become('closed', 0, cause)
  }

  #become(state: BreakerState, availableAt: number, cause: string): void {
    this.#state = state
    this.#availableAt = availableAt
    this.#inARow = 0
    this.#trialsOut = 0
    this.#firstTrial = ++this.#ticket
    this.#changed(state, cause)
  }
}
