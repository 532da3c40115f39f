import type { TakenRequest } from '../seams.ts'
import type { Limiter } from './limiter.ts'
import { rampUp } from './ramp-up.ts'

export type RateUnit = 'requests' | 'items' | 'bytes'

export interface Rate {
  readonly unit: RateUnit
  readonly perSecond: number
}

const UNITS: ReadonlyMap<string, readonly [RateUnit, number]> = new Map([
  ['req', ['requests', 1]],
  ['requests', ['requests', 1]],
  ['spans', ['items', 1]],
  ['items', ['items', 1]],
  ['b', ['bytes', 1]],
  ['kb', ['bytes', 1e3]],
  ['mb', ['bytes', 1e6]],
  ['gb', ['bytes', 1e9]],
  ['kib', ['bytes', 2 ** 10]],
  ['mib', ['bytes', 2 ** 20]],
  ['gib', ['bytes', 2 ** 30]],
])

/** `5000spans/s`, `20MB/s`, `50req/s`, `1.5k spans/s`; undefined for anything else. Spans stand for data points and log records, too. */
export function parseRate(text: string): Rate | undefined {
  const [, digits, thousands, name = ''] = /^\s*(\d+(?:\.\d+)?)\s*([kM](?!i?B))?\s*([A-Za-z]+)\s*\/\s*s\s*$/.exec(text) ?? []
  const unit = UNITS.get(name.toLowerCase())
  const perSecond = Number(digits) * (thousands === 'k' ? 1e3 : thousands === 'M' ? 1e6 : 1) * (unit?.[1] ?? 0)
  return unit && perSecond > 0 ? { unit: unit[0], perSecond } : undefined
}

export const costOf = ({ bytes, items }: TakenRequest, unit: RateUnit): number =>
  unit === 'bytes' ? bytes : unit === 'items' ? items : 1

export interface RateLimitSettings {
  /** How much of the rate may go at once after a rest, as a time. */
  readonly burstMs: number
  /** From a twentieth of the rate at the first request to all of it after so long; 0 is all of it at once. */
  readonly rampUpMs: number
}

/**
 * A token bucket. A request may go while there are tokens, and takes as many as it costs, if need be on credit: so a request
 * that is larger than the bucket goes, too, and over any time no more goes than rate × time, the bucket, and one request.
 */
export function rateLimit({ unit, perSecond }: Rate, { burstMs, rampUpMs }: RateLimitSettings): Limiter {
  const perMs = perSecond / 1000
  const capacity = perMs * burstMs
  const ramp = rampUp(rampUpMs)
  let startedAt: number | undefined
  let filledAt = 0
  let tokens = 0

  const fill = (now: number) => {
    if (startedAt === undefined) {
      startedAt = now
      filledAt = now
    }
    const worth = ramp.worthOf(now - startedAt) - ramp.worthOf(filledAt - startedAt)
    tokens = Math.min(capacity, tokens + worth * perMs)
    filledAt = now
    return startedAt
  }

  return {
    waitMs(_, now) {
      const elapsed = now - fill(now)
      // What is missing by rounding alone is not waited for.
      if (tokens > -1e-6) return 0
      // A large request is waited for through much of the ramp: at the rate of its start that would take many times as long.
      return ramp.timeOf(ramp.worthOf(elapsed) - tokens / perMs) - elapsed
    },
    went(request, now) {
      fill(now)
      tokens -= costOf(request, unit)
    },
  }
}
