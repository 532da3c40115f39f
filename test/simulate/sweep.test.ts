import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FailoverctlError } from '../../src/core/errors.ts'
import { bestOf, choicesOf, overlayOf, readDimension, scalarOf, settingsOf, type Tried } from '../../src/simulate/sweep.ts'
import type { Data } from '../../src/source/change.ts'
import { TEN_MINUTES } from '../formats/page-content.ts'

const CONFIG: Data = {
  connectors: { 'failover/traces': { retry_interval: '5s' }, 'failover/logs': null },
  exporters: { 'otlp/a.b': {} },
}

test.each([
  ['connectors.failover.retry_interval=1s,5s', ['connectors', 'failover', 'retry_interval'], ['1s', '5s']],
  ['connectors::failover/a.b::retry_interval= 1s , 1s', ['connectors', 'failover/a.b', 'retry_interval'], ['1s']],
])('reads %s', (text, path, values) => expect(readDimension(text)).toMatchObject({ path, values }))

test.each(['', 'a', 'a=1', 'a.b=', 'a.b=1,,2', '.b=1', 'a..b=1'])('refuses %j', text =>
  expect(() => readDimension(text)).toThrow(FailoverctlError),
)

test.each([
  ['5s', '5s'],
  ['1000', 1000],
  ['-0.5', -0.5],
  ['true', true],
  ['007', '007'],
  ['null', 'null'],
])('%s is %j in a config', (text, data) => expect(scalarOf(text)).toBe(data))

describe('the settings that a key means', () => {
  const meant = (key: string) => settingsOf(readDimension(`${key}=1`), CONFIG)

  test('a setting may be new, its component not', () => {
    expect(meant('connectors.failover/logs.retry_interval')).toEqual([['connectors', 'failover/logs', 'retry_interval']])
    expect(() => meant('connectors.failover.retry_interval')).toThrow('the config has no connectors.failover')
    expect(() => meant('connector.failover.retry_interval')).toThrow('the config has no connector.failover')
  })

  test('a star stands for any text, and for nothing else', () => {
    expect(meant('connectors.failover/*.retry_interval')).toHaveLength(2)
    expect(meant('exporters::otlp/a.*::timeout')).toEqual([['exporters', 'otlp/a.b', 'timeout']])
    expect(() => meant('exporters::otlp/aXb*::timeout')).toThrow('the config has no exporters.otlp/aXb*')
  })
})

test('every choice once, as many as the product', () => {
  const values = fc.uniqueArray(fc.constantFrom('1s', '2s', '5', 'x'), { minLength: 1 })
  fc.assert(
    fc.property(fc.array(values, { minLength: 1, maxLength: 4 }), lists => {
      const dimensions = lists.map((list, index) => readDimension(`a.k${index}=${list.join(',')}`))
      const choices = choicesOf(dimensions).map(choice => choice.join())
      expect(new Set(choices).size).toBe(choices.length)
      expect(choices.length).toBe(lists.reduce((product, list) => product * list.length, 1))
    }),
  )
})

test('too many choices are refused before the first is computed', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => index).join(',')
  expect(() => choicesOf([readDimension(`a.b=${hundred}`), readDimension(`a.c=${hundred}`)])).toThrow('10000 combinations')
})

test('a choice is a config of its own', () => {
  const settings = [
    [['connectors', 'a', 'retry_interval']],
    [
      ['exporters', 'x', 'timeout'],
      ['exporters', 'y', 'timeout'],
    ],
  ]
  expect(overlayOf(settings, ['5s', '3'])).toBe(
    'yaml:{"connectors":{"a":{"retry_interval":"5s"}},"exporters":{"x":{"timeout":3},"y":{"timeout":3}}}',
  )
})

describe('the best', () => {
  const { outcome, series } = TEN_MINUTES
  const tried = (choice: string, lost: number, recovery: number | null, holds = true): Tried => {
    const spread = (p95: number | null) => ({ min: p95, p50: p95, p90: p95, p95, p99: p95, max: p95, never: 0 })
    const zero = spread(0)
    const measures = [
      'sent',
      'acknowledged',
      'refused',
      'unknown',
      'duplicated',
      'queued',
      'peak_queue',
      'failover_time',
    ] as const
    const zeros = Object.fromEntries(measures.map(measure => [measure, zero])) as Record<(typeof measures)[number], typeof zero>
    return {
      choice: [choice],
      refusal: undefined,
      simulation: {
        outcome,
        series: series as NonNullable<typeof series>,
        scenario: {
          traffic: 1,
          spans_per_request: 1,
          span_bytes: 1,
          duration_s: 1,
          drain_within_s: 1,
          sender_retry_s: null,
          runs: 1,
        },
        why: [],
        runs: [],
        assertions: [{ text: 'a claim', holds, reason: '' }],
        spread: { ...zeros, lost: spread(lost), recovery_time: spread(recovery) },
      },
    }
  }
  const refused: Tried = { choice: ['r'], simulation: undefined, refusal: 'no' }

  test.each<[string, Tried[], string | undefined]>([
    ['loses least', [tried('a', 5, 1), tried('b', 0, 60)], 'b'],
    ['is back soonest', [tried('a', 0, 9), tried('b', 0, 2), tried('c', 0, 5)], 'b'],
    ['comes back at all', [tried('a', 0, null), tried('b', 0, 900)], 'b'],
    ['is the first of equals', [tried('a', 0, 1), tried('b', 0, 1)], 'a'],
    ['holds', [tried('a', 0, 1, false), tried('b', 9, 9)], 'b'],
    ['is none of those that do not hold', [tried('a', 0, 1, false), refused], undefined],
  ])('%s', (_, all, best) => expect(bestOf(all)?.choice[0]).toBe(best))
})
