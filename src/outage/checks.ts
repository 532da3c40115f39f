import { formatDuration } from '../core/duration.ts'
import type { Check } from '../model/outcome.ts'
import { lossChecks } from './loss-checks.ts'
import type { Expectation, Measured, Transition } from './measured.ts'

/** What a run is held against, in the order in which a failure explains those after it. */
export function checksOf(measured: Measured, allowed: Expectation): Check[] {
  const { steady, levels, faults, failover, recovery, ledger } = measured
  const late = ledger.counted?.delivery?.noticed_within_s ?? 0
  const evidence = [...new Set(levels.map(level => level.evidence))].join(', ')
  const madeAt = earliest(faults.map(({ at_s }) => at_s))
  const backAt = earliest(faults.flatMap(({ until_s }) => until_s ?? []))
  return [
    {
      name: 'steady state',
      result: steady ? 'held' : levels.length === 0 ? 'unknown' : 'deviated',
      expected: 'level 0 takes the traffic before any fault',
      observed: steady ? 'level 0' : levels.length === 0 ? NOTHING_SHOWN : 'no span arrived at level 0',
      evidence,
      at_s: 0,
      took_s: null,
    },
    { name: 'failover in time', ...reached(failover, allowed.failoverWithinMs, evidence, late), at_s: madeAt },
    { name: 'recovery in time', ...reached(recovery, allowed.recoverWithinMs, evidence, late), at_s: backAt },
    ...lossChecks(measured, allowed),
    ...(measured.checks ?? []),
  ]
}

export const NOTHING_SHOWN = 'neither the metrics nor the backends show which level is in use'

const earliest = (times: readonly number[]): number | null => (times.length > 0 ? Math.min(...times) : null)

function reached(
  transition: Transition | undefined,
  withinMs: number,
  source: string,
  late: number,
): Omit<Check, 'name' | 'at_s'> {
  if (!transition) {
    const expected = `the level that should follow, within ${formatDuration(withinMs)}`
    return { result: 'skipped', expected, observed: 'not tried', evidence: '', took_s: null }
  }
  const { expected, time_s, interval_s } = transition
  // Without a level there is nothing to see: that every backend is down is what was done, and proves nothing.
  if (expected < 0 && source === '')
    return {
      result: 'skipped',
      expected: 'no level takes the traffic',
      observed: 'not seen: no metric shows a level',
      evidence: '',
      took_s: null,
    }
  const took = time_s === null ? '' : ` after ${formatDuration(time_s * 1000)}${late > 0 ? ' or less' : ''}`
  const seen = interval_s ? `, seen between ${interval_s[0].toFixed(2)} and ${interval_s[1].toFixed(2)} s` : ''
  return {
    result: transition.reached ? inTime(transition, withinMs / 1000, late) : 'deviated',
    expected: `level ${expected} within ${formatDuration(withinMs)}`,
    observed: transition.reached ? `level ${expected}${took}` : whereInstead(transition),
    evidence: source === '' ? '' : `${source}${seen}`,
    took_s: time_s,
  }
}

/** Arrivals are noticed `late` seconds late at most: what took longer than allowed by them may have been in time, as the metrics say. */
function inTime({ time_s, interval_s }: Transition, within: number, late: number): Check['result'] {
  if (late === 0 || time_s === null || time_s <= within) return 'held'
  if (time_s - late > within || (interval_s && interval_s[0] > within)) return 'deviated'
  return interval_s && interval_s[1] <= within ? 'held' : 'unknown'
}

/** Where the traffic was instead when the time was over. */
export const whereInstead = ({ level, expected, reached }: Transition): string =>
  level === expected && !reached ? `level ${level}, but no span arrived there` : `level ${level ?? 'unknown'}`
