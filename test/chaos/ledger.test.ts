import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Holding } from '../../src/chaos/holding.ts'
import { settle } from '../../src/chaos/ledger.ts'
import { emptyLedger } from '../../src/otlp/ledger.ts'
import { RangeSet } from '../../src/otlp/range-set.ts'
import { SequenceSet } from '../../src/otlp/sequence-set.ts'

const setOf = (numbers: Iterable<number>) => {
  const set = new SequenceSet()
  for (const number of numbers) set.add(number)
  return set
}
const rangesOf = (numbers: Iterable<number>) => {
  const set = new RangeSet()
  for (const number of numbers) set.add(number, number)
  return set
}
const holding = (numbers: readonly number[], repeated = 0): Holding => ({ seen: setOf(numbers), again: setOf([]), repeated })

function ledger(sent: number, outcomes: { refused?: readonly number[]; unknown?: readonly number[] } = {}) {
  const { refused = [], unknown = [] } = outcomes
  const told = new Set([...refused, ...unknown])
  const acknowledged = Array.from({ length: sent }, (_, i) => i + 1).filter(number => !told.has(number))
  return { ...emptyLedger(), sent, acknowledged: rangesOf(acknowledged), refused: rangesOf(refused), unknown: rangesOf(unknown) }
}

describe('the ledger', () => {
  test('everything arrived, split over two backends', () => {
    expect(settle(ledger(5), { a: holding([1, 2, 3]), b: holding([4, 5]) }, 0)).toMatchObject({
      delivered: { a: 3, b: 2 },
      lost: 0,
      duplicated: 0,
      lost_ranges: [],
    })
  })

  test('losses planted in two places are found as ranges', () => {
    expect(settle(ledger(10), { a: holding([1, 5, 6, 10]) }, 0)).toMatchObject({
      lost: 6,
      lost_ranges: [
        [2, 4],
        [7, 9],
      ],
    })
  })

  test('what was refused or never answered is not lost', () => {
    expect(settle(ledger(4, { refused: [2], unknown: [3] }), { a: holding([1, 4]) }, 0)).toMatchObject({
      acknowledged: 2,
      refused: 1,
      unknown: 1,
      lost: 0,
    })
  })

  test('duplicates: twice at one backend, or at two', () => {
    expect(settle(ledger(3), { a: holding([1, 2, 3], 2), b: holding([3]) }, 0)).toMatchObject({ duplicated: 3, lost: 0 })
  })

  test('what may still be in a queue is not called lost', () => {
    expect(settle(ledger(5), { a: holding([1]) }, 3)).toMatchObject({ queued: 3, lost: 1 })
    expect(settle(ledger(5), { a: holding([1]) }, 9)).toMatchObject({ queued: 4, lost: 0, lost_ranges: [] })
  })

  test('an empty run loses nothing', () =>
    expect(settle(emptyLedger(), {}, 0)).toMatchObject({ sent: 0, lost: 0, duplicated: 0 }))
})

test('whatever arrives where: each acknowledged span is delivered or lost, and no count is below zero', () => {
  const arrivals = fc.uniqueArray(fc.integer({ min: 1, max: 60 }))
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 60 }), arrivals, arrivals, fc.nat(20), (sent, a, b, queued) => {
      const within = (numbers: readonly number[]) => numbers.filter(number => number <= sent)
      const found = settle(ledger(sent), { a: holding(within(a)), b: holding(within(b)) }, queued)
      const arrived = new Set([...within(a), ...within(b)])
      expect(found.lost + found.queued + arrived.size).toBe(sent)
      expect(found.duplicated).toBe(within(a).length + within(b).length - arrived.size)
    }),
  )
})
