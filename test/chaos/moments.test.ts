import { expect, test } from 'vitest'
import type { PlannedFault } from '../../src/chaos/experiment.ts'
import { momentsOf } from '../../src/chaos/moments.ts'

const HOLD = 3000
const END = Number.POSITIVE_INFINITY
const fault = (on: string, times: Partial<PlannedFault> = {}): PlannedFault => ({ kind: 'stop', on, ...times })

/** `+a -b @1000`: made, ended, and when. */
const said = (faults: readonly PlannedFault[]) =>
  momentsOf(faults, HOLD).map(({ make, end, atMs, afterMs }) => {
    const names = [...end.map(({ on }) => `-${on}`), ...make.map(({ on }) => `+${on}`)]
    return [...names, ...(atMs === undefined ? [] : [`@${atMs}`]), ...(afterMs === undefined ? [] : [`>${afterMs}`])].join(' ')
  })

test.each<[what: string, faults: PlannedFault[], moments: string[]]>([
  ['the standard experiment: made when steady, ended after the hold', [fault('a')], ['+a', '-a']],
  ['two at once', [fault('a'), fault('b')], ['+a +b', '-a -b']],
  ['one stays down', [fault('a', { untilMs: END }), fault('b')], ['+a +b', '-b']],
  ['all stay down', [fault('a', { untilMs: END })], ['+a']],
  ['a restart is over before the hold', [fault('a', { lastsMs: 0 }), fault('b')], ['+a +b', '-a >0', '-b']],
  ['lengths count from the fault', [fault('a', { lastsMs: 500 }), fault('b', { lastsMs: 200 })], ['+a +b', '-b >200', '-a >300']],
  ['times', [fault('a', { atMs: 1000, untilMs: 5000 })], ['+a @1000', '-a @5000']],
  ['a time without an end ends after the hold', [fault('a', { atMs: 1000 })], ['+a @1000', '-a @4000']],
  [
    'one ends when another begins',
    [fault('a', { atMs: 1000, untilMs: 2000 }), fault('b', { atMs: 2000, untilMs: 3000 })],
    ['+a @1000', '-a +b @2000', '-b @3000'],
  ],
  ['to the end', [fault('a', { atMs: 1000, untilMs: END })], ['+a @1000']],
  ['made when steady, ended at a time', [fault('a', { untilMs: 9000 })], ['+a', '-a @9000']],
])('%s', (_, faults, moments) => {
  expect(said(faults)).toEqual(moments)
})
