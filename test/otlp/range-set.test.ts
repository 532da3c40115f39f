import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RangeSet } from '../../src/otlp/range-set.ts'

/** Requests of a run in the order in which they were answered. */
const answers = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 200 }).chain(sizes => {
  let next = 1
  const requests = sizes.map(size => [next, (next += size) - 1] as const)
  return fc.record({ order: fc.shuffledSubarray(requests), beyond: fc.constant(next + 5) })
})

test('holds exactly the numbers of the ranges, as few ranges as there can be', () => {
  fc.assert(
    fc.property(answers, ({ order, beyond }) => {
      const set = new RangeSet()
      const expected = new Set<number>()
      for (const [from, to] of order) {
        set.add(from, to)
        for (let number = from; number <= to; number++) expected.add(number)
      }
      expect([...set]).toEqual([...expected].sort((a, b) => a - b))
      expect(set.size).toBe(expected.size)
      for (let number = 0; number < beyond; number++) expect(set.has(number)).toBe(expected.has(number))
      const found = [...set.ranges()]
      for (const [index, [from]] of found.slice(1).entries())
        expect(from).toBeGreaterThan((found[index] as readonly [number, number])[1] + 1)
    }),
    { seed: 2 },
  )
})

test('beyond its limit it goes on counting, and says that it does not know which', () => {
  const set = new RangeSet(3)
  for (let number = 0; number < 10; number++) set.add(number * 10, number * 10 + 4)
  expect(set.size).toBe(50)
  expect(set.isComplete).toBe(false)
  expect([...set.ranges()]).toEqual([
    [0, 4],
    [10, 14],
    [20, 24],
  ])
})

test('an hour of answers in order is one range', () => {
  const set = new RangeSet()
  for (let request = 0; request < 360_000; request++) set.add(request * 500 + 1, request * 500 + 500)
  expect([...set.ranges()]).toEqual([[1, 180_000_000]])
})
