import type { Random } from '../core/random.ts'
import type { Repeat } from './failure.ts'

export interface RetrySettings {
  /** Attempts in all. Going on to another endpoint when nothing was sent is not counted. */
  readonly tries: number
  readonly baseMs: number
  readonly factor: number
  readonly maxMs: number
  /** `full`: any wait up to the computed one, so that clients do not come in waves. */
  readonly jitter: 'full' | 'none'
  readonly repeat: Repeat
}

export const RETRY_DEFAULTS: RetrySettings = { tries: 3, baseMs: 100, factor: 2, maxMs: 5_000, jitter: 'full', repeat: 'told' }

/** The wait before try number `attempt` + 1; what the server asked for is its floor. */
export function backoffMs(attempt: number, settings: RetrySettings, random: Random, afterMs = 0): number {
  const { baseMs, factor, maxMs, jitter } = settings
  const computed = Math.min(maxMs, baseMs * factor ** (attempt - 1))
  return Math.max(afterMs, jitter === 'full' ? random() * computed : computed)
}
