import type { Verdict } from '../../otlp/reply.ts'
import type { Limiter } from './limiter.ts'

export interface AdaptiveSettings {
  /** The most requests without an answer. */
  readonly most: number
  /** The backend's latency may rise to so many times what it was at low load. */
  readonly latencyFactor: number
  /** A rise by less than this is noise, whatever the factor says. */
  readonly slackMs: number
}

export const ADAPTIVE_DEFAULTS: AdaptiveSettings = { most: 32, latencyFactor: 2, slackMs: 5 }

export interface Adaptive extends Limiter {
  /** Requests that may be without an answer; below 1 it is the share of time in which one is. */
  readonly limit: number
  /** Median latency at low load; undefined until it is measured. */
  readonly baselineMs: number | undefined
}

/** Answers that make the first baseline, one request at a time. */
const FIRST_ANSWERS = 8
/** Answers on which the limit is moved: a median of fewer is chance. While the limit doubles it is on fewer. */
const [FEW_ANSWERS, MANY_ANSWERS] = [12, 32]
/** Good answers after which a backend that turned requests away is asked twice as often. */
const ANSWERS_BELOW_ONE = 4
const LOWEST_LIMIT = 1 / 32
/** So much of a new measurement goes into the baseline: at low load, and when it is undercut under load. */
const [AT_LOW_LOAD, UNDER_LOAD] = [0.25, 0.1]
/** A first baseline may have been chance by so much; whatever is more is a backend that has become slower. */
const CHANCE = 1.5
/** Too slow for so long with one request at a time: it is not our doing, and the latency there is the new baseline. */
const BELIEVE_MS = 30_000

/**
 * Additive increase, multiplicative decrease, on latency as on refusals to take more (429, 503, no answer).
 * Latencies are judged by the median of a window of answers, at least as many as there were requests in flight. While the
 * median is within half of what it may rise, the limit grows; above all of it, it shrinks, though never below one request;
 * between, it stays: without that band it would swing.
 */
export function adaptive(settings: Partial<AdaptiveSettings> = {}): Adaptive {
  const { most, latencyFactor, slackMs } = { ...ADAPTIVE_DEFAULTS, ...settings }
  let limit = 1
  let baseline: number | undefined
  let lowest = Number.POSITIVE_INFINITY
  let doubling = true
  let inFlight = 0
  /** The most that were in flight within the window: a limit that nobody reaches proves nothing. */
  let peak = 0
  let window: number[] = []
  /** Answers to requests that were sent under an older limit, and say nothing about the new one. */
  let stale = 0
  let tooSlowSince: number | undefined
  let restUntil = Number.NEGATIVE_INFINITY

  const bound = (base: number, share: number) => Math.max(base * (1 + (latencyFactor - 1) * share), base + slackMs * share)

  function nextWindow(): void {
    window = []
    peak = inFlight
  }

  function move(to: number): void {
    limit = Math.min(most, to)
    stale = inFlight
    nextWindow()
  }

  /** The baseline is what one request at a time takes; what is less than it under load is nearer to that. */
  function learn(base: number, median: number): number {
    if (peak <= 1) return Math.min(base + AT_LOW_LOAD * (median - base), CHANCE * lowest)
    return median < base ? base + UNDER_LOAD * (median - base) : base
  }

  function judge(before: number, now: number): void {
    const median = medianOf(window)
    const base = learn(before, median)
    baseline = base
    lowest = Math.min(lowest, base)
    const isSlow = median > bound(base, 1)
    const isQuick = median <= bound(base, 0.5)
    tooSlowSince = isSlow && limit <= 1 ? (tooSlowSince ?? now) : undefined
    if (tooSlowSince !== undefined && now - tooSlowSince >= BELIEVE_MS) {
      baseline = median
      lowest = median
      tooSlowSince = undefined
    }
    if (!isQuick) doubling = false
    if (isSlow && limit > 1) move(Math.max(1, limit * Math.max(0.5, (0.9 * bound(base, 1)) / median)))
    else if (isQuick && peak >= Math.floor(limit) && limit < most) move(doubling ? limit * 2 : limit + 1)
    else nextWindow()
  }

  function overloaded(): void {
    doubling = false
    move(Math.max(LOWEST_LIMIT, limit / 2))
  }

  const wanted = () =>
    limit < 1 ? ANSWERS_BELOW_ONE : Math.max(doubling ? FEW_ANSWERS : Math.min(MANY_ANSWERS, 8 * limit), limit)

  return {
    get limit() {
      return limit
    },
    get baselineMs() {
      return baseline
    },
    waitMs(_, now) {
      if (inFlight >= Math.max(1, Math.floor(limit))) return Number.POSITIVE_INFINITY
      return limit < 1 ? Math.max(0, restUntil - now) : 0
    },
    went() {
      inFlight++
      peak = Math.max(peak, inFlight)
    },
    settled(verdict, latencyMs, now) {
      inFlight--
      // One request at a time, and so long a rest that it is on its way for the share of the time that the limit says.
      if (limit < 1) restUntil = now + Math.min(MAX_REST_MS, Math.max(latencyMs, baseline ?? 0) * (1 / limit - 1))
      if (stale > 0) stale--
      else if (isOverload(verdict)) overloaded()
      else {
        window.push(latencyMs)
        if (baseline === undefined && window.length >= FIRST_ANSWERS) {
          baseline = medianOf(window)
          lowest = baseline
          move(Math.min(1, limit) * 2)
        } else if (baseline !== undefined && window.length >= wanted()) {
          if (limit < 1) move(limit * 2)
          else judge(baseline, now)
        }
      }
    },
  }
}

/** A backend that answered late is still asked often enough to see that it has recovered. */
const MAX_REST_MS = 10_000

const isOverload = ({ kind }: Verdict): boolean => kind === 'try-later' || kind === 'unknown'

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? (sorted[middle] as number) : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2
}
