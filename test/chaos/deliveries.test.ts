import { expect, test } from 'vitest'
import { Curves } from '../../src/chaos/curves.ts'
import { Deliveries } from '../../src/chaos/deliveries.ts'
import { Phases } from '../../src/chaos/phases.ts'
import { SendTimes } from '../../src/chaos/send-times.ts'

/** Ten spans a second from 0 on, each 20 ms on its way, but 21 to 30, which wait in a queue until 8 s. */
function story(noticedWithinMs = 0) {
  let now = 0
  const clock = { now: () => now }
  const [times, phases] = [new SendTimes(clock), new Phases()]
  const deliveries = new Deliveries(times, phases, clock, noticedWithinMs)
  const curves = new Curves(0)
  const arrive = (sequence: number, at: number) => {
    now = at
    deliveries.arrived(sequence)
    curves.arrived('primary', at)
  }
  for (let sequence = 1; sequence <= 50; sequence++) {
    now = (sequence - 1) * 100
    if (sequence === 21) phases.begin('fault', sequence)
    if (sequence === 31) phases.begin('after', sequence)
    times.note(sequence)
    curves.told({ acknowledged: sequence, refused: 0 }, now)
    if (sequence <= 20 || sequence > 30) arrive(sequence, now + 20)
  }
  for (let sequence = 21; sequence <= 30; sequence++) arrive(sequence, 8000)
  return { times, phases, deliveries, curves }
}

test('how long spans were on their way, which were late, and which came out of a queue after the fault', () => {
  expect(story().deliveries.summary).toMatchObject({ late: 10, over_s: 1, after_recovery: 10, max_s: 6, noticed_within_s: 0 })
  expect(story().deliveries.summary?.p50_s).toBeCloseTo(0.02, 2)
  expect(story(1100).deliveries.summary).toMatchObject({ late: 10, over_s: 2.1, noticed_within_s: 1.1 })
})

test('only the first arrival counts, and none is none', () => {
  const { deliveries } = story()
  deliveries.arrived(1)
  deliveries.arrived(25)
  expect(deliveries.summary).toEqual(story().deliveries.summary)
  const clock = { now: () => 0 }
  expect(new Deliveries(new SendTimes(clock), new Phases(), clock, 0).summary).toBeNull()
})

test('arrivals and losses as curves, in buckets in which there is something to see', () => {
  const { curves, times } = story()
  const backends = [{ name: 'primary', level: 0 }]
  const series = curves.series(backends, [[41, 45]], times, 8100, { rate: 10, noticedWithinMs: 0 })
  expect(series?.bucket_s).toBe(1)
  expect(series?.delivered[0]?.rate).toEqual([10, 10, 0, 10, 10, 0, 0, 0, 10])
  expect(series?.lost.indexOf(5)).toBe(4)
  expect(series?.acknowledged.reduce((sum, rate) => sum + rate, 0)).toBe(50)
  expect(curves.series(backends, [], times, 8100, { rate: 10, noticedWithinMs: 1100 })?.bucket_s).toBe(2)
  expect(new Curves(0).series(backends, [], times, 8100, { rate: 10, noticedWithinMs: 0 })).toBeUndefined()
})

test('a queue is drawn by the fullest that it was in each bucket', () => {
  const { curves, times } = story()
  curves.queued('otlp/primary', 3, 100, 2010)
  curves.queued('otlp/primary', 40, 100, 2110)
  curves.queued('otlp/primary', 5, 100, 3450)
  const series = curves.series([], [], times, 8100, { rate: 10, noticedWithinMs: 0 })
  expect(series?.queues).toMatchObject([{ owner: 'otlp/primary', capacity: 100, peak: [0, 0, 40, 5, 0, 0, 0, 0, 0] }])
})

test('phases: what came and went at once is none, and faults that come again are one phase', () => {
  const phases = new Phases()
  phases.begin('fault', 11)
  phases.begin('after', 21)
  phases.begin('fault', 21)
  expect(phases.stretches(30)).toEqual([
    { phase: 'steady', from: 1, to: 10 },
    { phase: 'fault', from: 11, to: 30 },
  ])
  phases.begin('after', 31)
  expect([1, 10, 11, 30, 31, 99].map(number => phases.of(number))).toEqual([
    'steady',
    'steady',
    'fault',
    'fault',
    'after',
    'after',
  ])
  expect(phases.stretches(30).map(({ phase }) => phase)).toEqual(['steady', 'fault'])
  expect(new Phases().stretches(0)).toEqual([])
})
