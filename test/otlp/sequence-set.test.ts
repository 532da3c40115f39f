import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LARGEST_SEQUENCE, ranges, SequenceSet } from '../../src/otlp/sequence-set.ts'

const setOf = (numbers: Iterable<number>) => {
  const set = new SequenceSet()
  for (const number of numbers) set.add(number)
  return set
}
// Around the borders of bytes and pages, and far away.
const someNumber = fc.oneof(fc.nat(40), fc.integer({ min: 65_500, max: 65_600 }), fc.integer({ min: 0, max: LARGEST_SEQUENCE }))

test('holds what a plain set holds, with its ranges and gaps', () => {
  fc.assert(
    fc.property(fc.array(someNumber, { maxLength: 60 }), someNumber, fc.nat(70_000), (numbers, from, length) => {
      const set = setOf(numbers)
      const held = new Set(numbers)
      const plain = [...held].sort((a, b) => a - b)
      expect([...set]).toEqual(plain)
      expect([...set.ranges()]).toEqual(ranges(plain))
      expect([set.size, set.highest]).toEqual([plain.length, plain.at(-1) ?? -1])
      const to = from + length
      const missing = Array.from({ length: length + 1 }, (_, index) => from + index).filter(number => !held.has(number))
      expect([...set.gaps(from, to)]).toEqual(ranges(missing))
    }),
    { seed: 5, numRuns: 300 },
  )
})

test('says whether a number is new', () => {
  const set = setOf([5])
  expect([set.add(5), set.add(LARGEST_SEQUENCE), set.has(LARGEST_SEQUENCE), set.has(6)]).toEqual([false, true, true, false])
})
