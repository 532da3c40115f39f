import { describe, expect, test } from 'vitest'
import { FailoverctlError } from '../../src/core/errors.ts'
import { FAULTS } from '../../src/sink/faults/index.ts'
import { parseFault } from '../../src/sink/parse-fault.ts'
import { isOn, nextChange, type When } from '../../src/sink/schedule.ts'

const window = (fromMs: number, untilMs: number): When => ({ kind: 'window', fromMs, untilMs })

describe('a fault is read with its chance and its time', () => {
  const cases: [text: string, kind: string, chance: number, when: When][] = [
    ['refuse', 'refuse', 1, { kind: 'always' }],
    ['hang@30s..', 'hang', 1, window(30_000, Number.POSITIVE_INFINITY)],
    ['hang@..30s', 'hang', 1, window(0, 30_000)],
    ['status=503,retry-after=2s@10s..20s', 'status', 1, window(10_000, 20_000)],
    ['status=429:10%', 'status', 0.1, { kind: 'always' }],
    ['status=UNAVAILABLE,message=too: busy:2.5%@1m..2m', 'status', 0.025, window(60_000, 120_000)],
    ['refuse@5s/3s', 'refuse', 1, { kind: 'flap', offMs: 5000, onMs: 3000 }],
    ['drop=500-599+700', 'drop', 1, { kind: 'always' }],
    ['drop=10%', 'drop', 1, { kind: 'always' }],
    ['partial=3', 'partial', 1, { kind: 'always' }],
    ['slow=200ms,bandwidth=1MiB', 'slow', 1, { kind: 'always' }],
    ['slow,bandwidth=64kB/s', 'slow', 1, { kind: 'always' }],
    ['reset=after', 'reset', 1, { kind: 'always' }],
    ['duplicate:50%', 'duplicate', 0.5, { kind: 'always' }],
  ]
  test.each(cases)('%s', (text, kind, chance, when) => {
    expect(parseFault(text)).toMatchObject({ text, kind, chance, when })
  })
})

describe('what is no fault is told with what would be one', () => {
  const cases: [text: string, said: RegExp][] = [
    ['hnag', /there is no fault hnag\nDid you mean hang\?/],
    ['', /no fault without a name/],
    ['toString', /there is no fault toString/],
    ['status', /status cannot be empty/],
    ['status=200', /status cannot be 200/],
    ['status=OK', /status cannot be OK/],
    ['status=503,retry-after=2', /retry-after cannot be 2/],
    ['status=503,wait=2s', /the fault status has no wait\nIt is written status=503/],
    ['slow', /slow cannot be empty/],
    ['slow,bandwidth=fast', /bandwidth cannot be fast/],
    ['reset=sometimes', /before or after/],
    ['partial=0', /partial cannot be 0/],
    ['drop=120%', /drop cannot be 120%/],
    ['drop=599-500', /drop cannot be 599-500/],
    ['hang:lots%', /cannot meet lots% of the requests/],
    ['hang@soon', /cannot last soon/],
    ['hang@20s..10s', /cannot last 20s\.\.10s/],
    ['hang@5/5', /cannot last 5\/5/],
    ['hang@0s/5s', /cannot last 0s\/5s/],
  ]
  test.each(cases)('%s', (text, said) => {
    let report = ''
    try {
      parseFault(text)
    } catch (error) {
      expect(error).toBeInstanceOf(FailoverctlError)
      expect((error as FailoverctlError).exit).toBe(2)
      report = (error as FailoverctlError).report
    }
    expect(report).toMatch(said)
  })
})

test('every fault reads the way in which its help writes it', () => {
  for (const { kind, usage } of FAULTS) for (const text of usage.split(' or ')) expect(parseFault(text).kind).toBe(kind)
})

test.each<[string, When, number[], number[]]>([
  ['always', { kind: 'always' }, [0, 1e9], []],
  ['a window', window(10, 20), [10, 19], [9, 20]],
  ['by turns, well first', { kind: 'flap', offMs: 5, onMs: 3 }, [5, 7, 13], [0, 4, 8, 12]],
])('%s', (_, when, on, off) => {
  expect(on.filter(at => isOn(when, at))).toEqual(on)
  expect(off.filter(at => isOn(when, at))).toEqual([])
})

test('the next change is always where it goes on or off', () => {
  for (const when of [window(10, 20), { kind: 'flap', offMs: 5, onMs: 3 } as const, { kind: 'always' } as const]) {
    for (let at = 0; at < 40; at++) {
      const next = Math.min(nextChange(when, at), 60)
      for (let between = at; between < next; between++) expect(isOn(when, between)).toBe(isOn(when, at))
      if (next < 60) expect(isOn(when, next)).toBe(!isOn(when, at))
    }
  }
})
