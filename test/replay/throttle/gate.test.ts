import { describe, expect, test } from 'vitest'
import { VirtualClock } from '../../../src/core/clock.ts'
import type { Verdict } from '../../../src/otlp/reply.ts'
import { ReplayThrottle, type ThrottleSettings } from '../../../src/replay/throttle/throttle.ts'

const OPEN: ThrottleSettings = {
  concurrency: 4,
  rates: [],
  delayMs: undefined,
  rampUpMs: 0,
  maxLatencyFactor: undefined,
  canary: undefined,
}
const ACCEPTED: Verdict = { kind: 'accepted', rejected: 0 }
const ONE = { bytes: 100, items: 10 }

/** `count` requests that all want to go at once; each is answered `answerMs` later with what `verdict` says for it. */
function crowd(
  settings: Partial<ThrottleSettings>,
  count: number,
  answerMs: number,
  verdict: (index: number) => Verdict = () => ACCEPTED,
) {
  const clock = new VirtualClock()
  const looked: unknown[] = []
  const throttle = new ReplayThrottle({ ...OPEN, ...settings }, clock, result => looked.push(result))
  const stop = new AbortController()
  const wentAt: (readonly [index: number, at: number])[] = []
  const send = async (index: number) => {
    await throttle.take(ONE, stop.signal)
    wentAt.push([index, clock.now()])
    clock.timer(answerMs, () => throttle.settled(verdict(index), answerMs))
  }
  const all = Promise.allSettled(Array.from({ length: count }, (_, index) => send(index)))
  return { clock, throttle, stop, all, looked, wentAt, times: () => wentAt.map(([, at]) => at) }
}

test('requests go in the order in which they came', async () => {
  const { clock, wentAt } = crowd({ concurrency: 3, rates: [{ unit: 'requests', perSecond: 100 }] }, 50, 25)
  await clock.advance(5000)
  expect(wentAt.map(([index]) => index)).toEqual(Array.from({ length: 50 }, (_, index) => index))
})

test('no more go than may be without an answer', async () => {
  const { clock, times } = crowd({ concurrency: 2 }, 6, 100)
  await clock.advance(1000)
  expect(times()).toEqual([0, 0, 100, 100, 200, 200])
})

test('a delay is a rest after each answer, one request at a time', async () => {
  const { clock, times } = crowd({ delayMs: 10 }, 4, 5)
  await clock.advance(1000)
  expect(times()).toEqual([0, 15, 30, 45])
})

test('several rates hold together', async () => {
  const rates = [
    { unit: 'requests', perSecond: 100 },
    { unit: 'items', perSecond: 200 },
  ] as const
  const { clock, times } = crowd({ rates, concurrency: 100 }, 20, 1)
  await clock.advance(60_000)
  // 200 items a second are 20 requests of 10.
  expect(times().at(-1)).toBeCloseTo(950, 0)
})

test('a server that asks for a rest gets it from everybody', async () => {
  const later: Verdict = { kind: 'try-later', reason: 'HTTP status 429', afterMs: 3000, notSent: false, status: 429 }
  const { clock, throttle, times } = crowd({ concurrency: 1 }, 3, 10, index => (index === 0 ? later : ACCEPTED))
  await clock.advance(1000)
  expect(throttle.state.restMs).toBe(2010)
  await clock.advance(10_000)
  expect(times()).toEqual([0, 3010, 3020])
})

test('a pause holds back what has not gone, until it is resumed', async () => {
  const { clock, throttle, times } = crowd({ concurrency: 1 }, 4, 100)
  await clock.advance(150)
  throttle.pause()
  expect(throttle.state.paused).toBe(true)
  await clock.advance(10_000)
  expect(times()).toEqual([0, 100])
  throttle.resume()
  await clock.advance(1000)
  expect(times()).toEqual([0, 100, 10_150, 10_250])
})

test('a run that ends frees those who wait, and leaves no timer', async () => {
  const { clock, stop, all, wentAt } = crowd({ rates: [{ unit: 'requests', perSecond: 1 }], concurrency: 10 }, 5, 10)
  await clock.advance(500)
  stop.abort(new Error('over'))
  const ends = await all
  expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'rejected', 'rejected'])
  expect(wentAt).toHaveLength(1)
  expect(clock.pending).toBe(0)
})

describe('a canary', () => {
  const share = { share: 0.1, totalBytes: 2000, threshold: 0.95 }

  test('goes first, is waited for, and lets the rest follow', async () => {
    const { clock, looked, times } = crowd({ canary: share, concurrency: 10 }, 12, 100)
    await clock.advance(50)
    expect(times()).toEqual([0, 0])
    await clock.advance(1000)
    expect(looked).toEqual([{ passed: true, requests: 2, worked: 2 }])
    expect(times()).toHaveLength(12)
  })

  test('that fails holds everything', async () => {
    const refused: Verdict = { kind: 'refused', reason: 'HTTP status 400', status: 400 }
    const { clock, looked, times } = crowd({ canary: share, concurrency: 10 }, 12, 100, index =>
      index === 1 ? refused : ACCEPTED,
    )
    await clock.advance(100_000)
    expect(looked).toEqual([{ passed: false, requests: 2, worked: 1 }])
    expect(times()).toHaveLength(2)
  })

  test('counts what a backend rejects inside of a request that it takes', async () => {
    const { clock, looked } = crowd({ canary: share, concurrency: 10 }, 12, 100, () => ({ kind: 'accepted', rejected: 3 }))
    await clock.advance(1000)
    expect(looked).toEqual([{ passed: false, requests: 2, worked: 0 }])
  })

  test('is at least one request', async () => {
    const { clock, looked } = crowd({ canary: { ...share, share: 0.0001 }, concurrency: 10 }, 3, 100)
    await clock.advance(1000)
    expect(looked).toEqual([{ passed: true, requests: 1, worked: 1 }])
  })
})
