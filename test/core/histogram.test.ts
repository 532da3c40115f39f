import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Histogram } from '../../src/core/histogram.ts'

const durations = fc.array(fc.double({ min: 0.001, max: 600_000, noNaN: true }), { minLength: 1, maxLength: 300 })
const SHARES = [0.5, 0.9, 0.99, 0.999, 1]

const exact = (values: readonly number[], share: number) =>
  values.toSorted((a, b) => a - b)[Math.ceil(share * values.length) - 1] as number

test('percentiles are right within 2 %, and never below', () => {
  fc.assert(
    fc.property(durations, values => {
      const histogram = new Histogram()
      for (const value of values) histogram.record(value)
      for (const share of SHARES) {
        const ratio = histogram.percentile(share) / exact(values, share)
        expect(ratio).toBeGreaterThan(0.999999)
        expect(ratio).toBeLessThan(1.020001)
      }
      expect(histogram.max).toBe(Math.max(...values))
    }),
    { seed: 1 },
  )
})

test('two that are merged are one with the durations of both', () => {
  fc.assert(
    fc.property(durations, durations, (first, second) => {
      const [a, b, both] = [new Histogram(), new Histogram(), new Histogram()]
      for (const value of first) a.record(value)
      for (const value of second) b.record(value)
      for (const value of [...first, ...second]) both.record(value)
      a.merge(b)
      expect([a.count, a.max, ...SHARES.map(share => a.percentile(share))]).toEqual([
        both.count,
        both.max,
        ...SHARES.map(share => both.percentile(share)),
      ])
    }),
    { seed: 2 },
  )
})
