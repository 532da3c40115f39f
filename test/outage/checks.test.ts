import { expect, test } from 'vitest'
import { checksOf } from '../../src/outage/checks.ts'
import type { Measured } from '../../src/outage/measured.ts'

const ALLOWED = { failoverWithinMs: 3000, recoverWithinMs: 6000, maxLost: 0 }
const level = (at_s: number, number: number) => ({ at_s, level: number, connector: 'failover', evidence: 'a_gauge' })
const HELD: Measured = {
  levels: [level(0, 0), level(2.1, 1), level(9, 0)],
  faults: [
    { at_s: 2, until_s: 5, kind: 'stop', backend: 'primary' },
    { at_s: 2.5, until_s: null, kind: 'stop', backend: 'other' },
  ],
  steady: true,
  failover: { expected: 1, level: 1, reached: true, time_s: 0.1, interval_s: [0, 0.12] },
  recovery: { expected: 0, level: 0, reached: true, time_s: 4, interval_s: null },
  ledger: { sent: 9, acknowledged: 9, refused: 0, unknown: 0, delivered: {}, lost: 0, duplicated: 0, queued: 0, lost_ranges: [] },
}
const MISSED = { expected: 1, level: 0, reached: false, time_s: null, interval_s: null }

const results = (measured: Measured, allowed = ALLOWED) => checksOf(measured, allowed).map(({ result }) => result)
const observed = (measured: Measured) => checksOf(measured, ALLOWED).map(check => check.observed)

test('what was expected, seen, by what and when', () => {
  const [, failover, recovery] = checksOf(HELD, ALLOWED)
  expect(failover).toEqual({
    name: 'failover in time',
    result: 'held',
    expected: 'level 1 within 3s',
    observed: 'level 1 after 100ms',
    evidence: 'a_gauge, seen between 0.00 and 0.12 s',
    at_s: 2,
    took_s: 0.1,
  })
  expect(recovery).toMatchObject({ observed: 'level 0 after 4s', evidence: 'a_gauge', at_s: 5, took_s: 4 })
})

test.each<[what: string, measured: Partial<Measured>, results: string[], observed: RegExp]>([
  ['all held', {}, ['held', 'held', 'held', 'held'], /level 0,.*0 of 9 lost/],
  ['no failover', { failover: MISSED }, ['held', 'deviated', 'held', 'held'], /level 0,level 0,/],
  ['a level without spans', { failover: { ...MISSED, level: 1 } }, ['held', 'deviated', 'held', 'held'], /but no span arrived/],
  ['no recovery', { recovery: MISSED }, ['held', 'held', 'deviated', 'held'], /level 0,/],
  ['a loss', { ledger: { ...HELD.ledger, lost: 2 } }, ['held', 'held', 'held', 'deviated'], /2 of 9 lost/],
  [
    'no steady state',
    { steady: false, failover: undefined, recovery: undefined, faults: [] },
    ['deviated', 'skipped', 'skipped', 'skipped'],
    /no span arrived at level 0,not tried,not tried,not judged/,
  ],
  [
    'no evidence at all',
    { steady: false, failover: undefined, recovery: undefined, faults: [], levels: [] },
    ['unknown', 'skipped', 'skipped', 'skipped'],
    /^neither the metrics nor the backends/,
  ],
])('%s', (_, measured, expected, told) => {
  expect(results({ ...HELD, ...measured })).toEqual(expected)
  expect(observed({ ...HELD, ...measured }).join(',')).toMatch(told)
})

test('that every level has failed is no finding where nothing shows a level', () => {
  const allDown = { ...HELD, failover: { expected: -1, level: undefined, reached: true, time_s: null, interval_s: null } }
  expect(results({ ...allDown, levels: [] })[1]).toBe('skipped')
  expect(results(allDown)[1]).toBe('held')
})

test('a loss that is allowed', () => {
  expect(results({ ...HELD, ledger: { ...HELD.ledger, lost: 2 } }, { ...ALLOWED, maxLost: 2 })).not.toContain('deviated')
})

test.each<[what: string, time_s: number, interval: [number, number] | null, result: string]>([
  ['in time', 2.9, null, 'held'],
  ['too late, whatever the arrival was noticed', 4.2, null, 'deviated'],
  ['nobody knows', 3.5, null, 'unknown'],
  ['the metrics know that it was in time', 3.5, [2.4, 2.5], 'held'],
  ['the metrics know that it was not', 3.5, [3.1, 3.2], 'deviated'],
  ['the metrics are as vague', 3.5, [2.9, 3.1], 'unknown'],
])('an arrival that is noticed up to 1.1 s late, of 3 s: %s', (_, time_s, interval_s, result) => {
  const delivery = { p50_s: 1, p95_s: 1, p99_s: 1, max_s: 1, noticed_within_s: 1.1, late: 0, over_s: 2.1, after_recovery: 0 }
  const counted = {
    ...{ duplicated_ranges: [], phantoms: 0, phantom_ranges: [], recovered: { refused: 0, unknown: 0 } },
    ...{ phases: [], delivery, unread: [], margin: null },
  }
  const failover = { expected: 1, level: 1, reached: true, time_s, interval_s }
  const [, check] = checksOf({ ...HELD, failover, ledger: { ...HELD.ledger, counted } }, ALLOWED)
  expect(check?.result).toBe(result)
  expect(check?.observed).toMatch(/ or less$/)
})
