import { expect, test } from 'vitest'
import { Assessing } from '../../src/chaos/assessing.ts'
import type { RunEvent, RunView } from '../../src/chaos/events.ts'
import { parseClaim } from '../../src/experiment/assertion.ts'

const ALLOWED = { failoverWithinMs: 2000, recoverWithinMs: 5000, maxLost: 0 }
const LEDGER = {
  sent: 100,
  acknowledged: 90,
  refused: 10,
  unknown: 0,
  delivered: {},
  lost: 3,
  duplicated: 1,
  queued: 0,
  lost_ranges: [],
}

/** Levels that should follow one after the other, each reached after a second but those in `missed`. */
function assess(expected: readonly number[], missed: readonly number[], ...claims: readonly string[]) {
  return assessed(true, expected, missed, ...claims)
}

function assessed(hasLevels: boolean, expected: readonly number[], missed: readonly number[], ...claims: readonly string[]) {
  const assessing = new Assessing(claims.map(parseClaim), ALLOWED, hasLevels)
  const hear = (event: object) => assessing.hear(event as RunEvent, { peakQueue: 0.5 } as RunView)
  for (const [index, level] of expected.entries()) {
    hear({ kind: index % 2 ? 'undone' : 'fault', at_s: index, fault: { kind: 'stop', on: `b${index}` } })
    const reached = !missed.includes(index)
    hear({
      kind: 'transition',
      at_s: index,
      transition: { expected: level, level: 0, reached, time_s: reached ? 1 : null, interval_s: null },
    })
  }
  hear({ kind: 'drained', at_s: 99, ledger: LEDGER })
  return assessing
}

test('the first change for the worse and the last have checks of their own: every other one is checked here', () => {
  const checks = assess([1, 0, -1, 1, 0], [3]).checks()
  expect(checks.map(({ name, result, expected }) => [name, result, expected])).toEqual([
    ['level 0 after b1 is back', 'held', 'level 0 within 5s'],
    ['level -1 after stop b2', 'held', 'level -1 within 2s'],
    ['level 1 after b3 is back', 'deviated', 'level 1 within 5s'],
  ])
  expect(checks[2]).toMatchObject({ observed: 'level 0', at_s: 3 })
  expect(assess([1, 0], []).checks()).toEqual([])
})

test('a level in between that the next change cut short has not missed its time', () => {
  const assessing = new Assessing([], ALLOWED, true)
  const hear = (event: object) => assessing.hear(event as RunEvent, { peakQueue: 0 } as RunView)
  for (const [index, expected] of [1, 0, 1, 0].entries()) {
    const cut = index === 1
    hear({ kind: index % 2 ? 'undone' : 'fault', at_s: index, fault: { kind: 'stop', on: 'a' } })
    const transition = {
      expected,
      level: cut ? 1 : expected,
      reached: !cut,
      cutShort: cut,
      time_s: cut ? null : 1,
      interval_s: null,
    }
    hear({ kind: 'transition', at_s: index, transition })
  }
  expect(assessing.checks()).toMatchObject([
    { name: 'level 0 after a is back', result: 'skipped', observed: expect.stringContaining('not judged') },
    { name: 'level 1 after stop a', result: 'held' },
  ])
})

test('claims are held against the figures of the run', () => {
  const checks = assess([1, 0], [], 'lost == 0', 'failover_time < 2s', 'peak_queue <= 50%', 'refused < 10%').checks()
  expect(checks.map(({ name, result, observed }) => [name, result, observed])).toEqual([
    ['lost == 0', 'deviated', 'lost was 3'],
    ['failover_time < 2s', 'held', 'failover_time was 1s'],
    ['peak_queue <= 50%', 'held', 'peak_queue was 50%'],
    ['refused < 10%', 'deviated', 'refused was 10'],
  ])
})

test('a failover that did not happen is no time', () => {
  expect(assess([1], [0], 'failover_time < 1h').checks()[0]?.result).toBe('deviated')
})

test('without levels nobody can see that nothing takes the traffic', () => {
  const names = assessed(false, [-1, 0, -1, 0], [])
    .checks()
    .map(({ name }) => name)
  expect(names).toEqual(['level 0 after b1 is back'])
})
