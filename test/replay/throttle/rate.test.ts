import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { costOf, parseRate, type RateUnit, rateLimit } from '../../../src/replay/throttle/rate.ts'

describe('a rate is read from text', () => {
  test.each([
    ['5000spans/s', { unit: 'items', perSecond: 5000 }],
    ['20MB/s', { unit: 'bytes', perSecond: 20_000_000 }],
    ['20 MiB/s', { unit: 'bytes', perSecond: 20_971_520 }],
    ['50req/s', { unit: 'requests', perSecond: 50 }],
    ['0.5 requests/s', { unit: 'requests', perSecond: 0.5 }],
    ['1.5k spans/s', { unit: 'items', perSecond: 1500 }],
    ['2Mspans/s', { unit: 'items', perSecond: 2_000_000 }],
    ['10kb/s', { unit: 'bytes', perSecond: 10_000 }],
    ['', undefined],
    ['5000', undefined],
    ['0req/s', undefined],
    ['-1req/s', undefined],
    ['5 bananas/s', undefined],
    ['5req/m', undefined],
    ['req/s', undefined],
    ['constructor/s', undefined],
  ])('%s', (text, rate) => expect(parseRate(text)).toEqual(rate))
})

interface Sent {
  readonly at: number
  readonly cost: number
}

/** Sends one request after the other, each as early as it may go and not before its own time. */
function sendAll(
  unit: RateUnit,
  perSecond: number,
  burstMs: number,
  rampUpMs: number,
  requests: readonly (readonly [number, number])[],
) {
  const limiter = rateLimit({ unit, perSecond }, { burstMs, rampUpMs })
  const sent: Sent[] = []
  let now = 0
  for (const [rest, size] of requests) {
    now += rest
    const request = { bytes: size * 100, items: size }
    for (let wait = limiter.waitMs(request, now); wait > 0; wait = limiter.waitMs(request, now)) now += wait
    limiter.went?.(request, now)
    sent.push({ at: now, cost: costOf(request, unit) })
  }
  return sent
}

const traffic = fc.array(fc.tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 1, max: 500 })), {
  minLength: 2,
  maxLength: 60,
})

test.each(['requests', 'items', 'bytes'] as const)(
  'over any stretch of time no more %s go than the rate, a burst and one request',
  unit => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.integer({ min: 0, max: 500 }),
        traffic,
        (perSecond, burstMs, requests) => {
          const sent = sendAll(unit, perSecond, burstMs, 0, requests)
          for (const [first, { at: from }] of sent.entries()) {
            let total = 0
            for (const { at, cost } of sent.slice(first)) {
              // The last one goes on credit.
              expect(total).toBeLessThanOrEqual(((at - from + burstMs) / 1000) * perSecond + (sent[first] as Sent).cost + 1e-3)
              total += cost
            }
          }
        },
      ),
      { seed: 6, numRuns: 200 },
    )
  },
)

test('nobody waits longer than what is owed', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), traffic, (perSecond, requests) => {
      const sent = sendAll('items', perSecond, 250, 0, requests)
      for (const [index, { at }] of sent.entries()) {
        const before = sent[index - 1]
        const rest = requests[index]?.[0] ?? 0
        if (before && at - before.at > rest + 1e-3)
          expect(at - before.at).toBeLessThanOrEqual((before.cost / perSecond) * 1000 + rest + 1e-3)
      }
    }),
    { seed: 7, numRuns: 200 },
  )
})

test('a rate that ramps up starts at a twentieth, and is whole after its time', () => {
  const each = Array.from({ length: 3000 }, () => [0, 1] as const)
  const sent = sendAll('requests', 100, 0, 10_000, each)
  const within = (from: number, to: number) => sent.filter(({ at }) => at >= from && at < to).length
  expect(within(0, 1000)).toBeLessThanOrEqual(12)
  expect(within(4000, 5000)).toBeGreaterThan(40)
  expect(within(4000, 5000)).toBeLessThan(56)
  expect(within(12_000, 13_000)).toBeGreaterThanOrEqual(99)
  expect(within(12_000, 13_000)).toBeLessThanOrEqual(101)
})

test('a request of seconds of the rate holds a ramp up no longer than what it costs', () => {
  // 2000 by the rate of the start, which is 50, would take 40 s.
  const sent = sendAll('items', 1000, 0, 2000, [
    [0, 2000],
    [0, 2000],
    [0, 1],
  ])
  // The ramp of two seconds is worth 1.05 of them.
  expect(sent.map(({ at }) => Math.round(at))).toEqual([0, 2950, 4950])
})
