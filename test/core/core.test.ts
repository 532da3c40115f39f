import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sleep, VirtualClock } from '../../src/core/clock.ts'
import { formatDuration, parseDuration } from '../../src/core/duration.ts'
import { Histogram } from '../../src/core/histogram.ts'
import { nearest } from '../../src/core/nearest.ts'
import { seeded } from '../../src/core/random.ts'

describe('Go durations', () => {
  test.each([
    ['5s', 5000],
    ['300ms', 300],
    ['1.5h', 5_400_000],
    ['2m30s', 150_000],
    ['-1s', -1000],
    ['+1s', 1000],
    ['0', 0],
    ['1us', 0.001],
    ['1µs', 0.001],
    ['5ns', 0.000005],
    ['.5s', 500],
    ['1.s', 1000],
  ])('%s is %f ms', (text, ms) => expect(parseDuration(text)).toBeCloseTo(ms, 9))
  test.each(['', '5', '5 s', 's', '1d', '5S', '1s2', '--1s', '5seconds', '.s'])('%j is refused', text =>
    expect(parseDuration(text)).toBeUndefined(),
  )
  test.each([
    [0, '0s'],
    [50, '50ms'],
    [3200, '3.2s'],
    [59_960, '1m'],
    [600_000, '10m'],
    [5_400_000, '1h30m'],
    [0.000005, '5ns'],
    [-1500, '-1.5s'],
    [999.7, '1s'],
  ])('%f ms is said as %s', (ms, text) => expect(formatDuration(ms)).toBe(text))
  test('what is said is read back, near enough', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 1e8, noNaN: true }), ms => {
        const back = parseDuration(formatDuration(ms)) as number
        expect(Math.abs(back - ms)).toBeLessThanOrEqual(Math.max(ms * 0.05, ms > 59_000 ? 500 : 0))
      }),
    )
  })
})

describe('the nearest name', () => {
  const known = ['retry_interval', 'priority_levels', 'sending_queue']
  test.each([
    ['retry_intervall', 'retry_interval'],
    ['priorty_levels', 'priority_levels'],
    ['Sending_Queue', 'sending_queue'],
    ['reetry_intervla', 'retry_interval'],
    ['xyz', undefined],
  ])('%s: %s', (word, found) => expect(nearest(word, known)).toBe(found))
  test('short words need to be close', () => expect(nearest('ab', ['xy'])).toBeUndefined())
})

describe('the virtual clock', () => {
  test('wakes sleepers in order, ties in the order in which they fell asleep', async () => {
    const clock = new VirtualClock()
    const woken: string[] = []
    for (const [name, ms] of [
      ['c', 20],
      ['a', 10],
      ['b', 10],
    ] as const)
      void sleep(clock, ms).then(() => woken.push(`${name}@${clock.now()}`))
    await clock.advance(30)
    expect(woken).toEqual(['a@10', 'b@10', 'c@20'])
    expect(clock.pending).toBe(0)
  })
  test('an aborted sleep rejects and leaves no timer', async () => {
    const clock = new VirtualClock()
    const controller = new AbortController()
    const sleeping = sleep(clock, 10, controller.signal)
    controller.abort(new Error('up'))
    await expect(sleeping).rejects.toThrow('up')
    expect(clock.pending).toBe(0)
  })
})

test('a seed gives the same numbers again, from 0 to below 1', () => {
  fc.assert(
    fc.property(fc.nat(), seed => {
      const [a, b] = [seeded(seed), seeded(seed)]
      for (let i = 0; i < 20; i++) {
        const value = a()
        expect(value).toBe(b())
        expect(value >= 0 && value < 1).toBe(true)
      }
    }),
  )
})

test('percentiles of a histogram are within 2 %', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0.01, max: 1e5, noNaN: true }), { minLength: 1 }), values => {
      const histogram = new Histogram()
      for (const value of values) histogram.record(value)
      const sorted = values.toSorted((a, b) => a - b)
      for (const share of [0.5, 0.9, 0.99, 1]) {
        const exact = sorted[Math.ceil(share * sorted.length) - 1] as number
        expect(Math.abs(histogram.percentile(share) - exact)).toBeLessThanOrEqual(exact * 0.021)
      }
    }),
  )
})
