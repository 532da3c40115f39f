import { describe, expect, test } from 'vitest'
import { VirtualClock } from '../../../src/core/clock.ts'
import { seeded } from '../../../src/core/random.ts'
import { adaptive } from '../../../src/replay/throttle/adaptive.ts'
import { ReplayThrottle } from '../../../src/replay/throttle/throttle.ts'
import { ModelledBackend } from './modelled-backend.ts'

const FOREVER = new AbortController().signal
const ONE = { bytes: 1000, items: 10 }

interface Answer {
  readonly at: number
  readonly latencyMs: number
  readonly accepted: boolean
  readonly limit: number
}

/** A replay that always has more to send, through a throttle of its own. */
function replayer(clock: VirtualClock, backend: ModelledBackend, concurrency = 64, maxLatencyFactor = 2) {
  const throttle = new ReplayThrottle(
    { concurrency, rates: [], delayMs: undefined, rampUpMs: 0, maxLatencyFactor, canary: undefined },
    clock,
  )
  const answers: Answer[] = []
  const pump = async () => {
    for (;;) {
      await throttle.take(ONE, FOREVER)
      const sentAt = clock.now()
      backend.handle(verdict => {
        const latencyMs = clock.now() - sentAt
        answers.push({ at: clock.now(), latencyMs, accepted: verdict.kind === 'accepted', limit: throttle.state.limit })
        throttle.settled(verdict, latencyMs)
      })
    }
  }
  void pump()
  const between = (from: number, to: number) => answers.filter(({ at }) => at >= from && at < to)
  return { throttle, answers, between }
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
const latency = (answers: readonly Answer[]) =>
  median(answers.filter(({ accepted }) => accepted).map(({ latencyMs }) => latencyMs))

/** Jain's index: 1 is equal shares, 1/n is all for one. */
const fairness = (shares: readonly number[]) => {
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
  return sum(shares) ** 2 / (shares.length * sum(shares.map(share => share * share)))
}

describe.each([
  ['constant service times', false, 1],
  ['exponential service times', true, 2],
  ['exponential service times, another seed', true, 3],
])('against a queue with 8 workers of 20 ms and %s', (_, noisy, seed) => {
  const start = () => {
    const clock = new VirtualClock()
    const backend = new ModelledBackend(clock, seeded(seed), 8, 20, noisy)
    return { clock, backend }
  }

  test('it fills the backend, and its median latency stays below twice the baseline', async () => {
    const { clock, backend } = start()
    const { between } = replayer(clock, backend)
    await clock.advance(30_000)
    const late = between(10_000, 30_000)
    // 8 workers × 50 a second.
    expect(late.length / 20).toBeGreaterThan(300)
    expect(latency(late)).toBeLessThanOrEqual(2 * latency(between(0, 200)) + 5)
    expect(median(late.map(({ limit }) => limit))).toBeGreaterThanOrEqual(7)
  })

  test('its limit settles: it neither swings nor wanders off', async () => {
    const { clock, backend } = start()
    const { between } = replayer(clock, backend)
    await clock.advance(40_000)
    const limits = between(15_000, 40_000).map(({ limit }) => limit)
    expect(Math.max(...limits) / Math.min(...limits)).toBeLessThanOrEqual(noisy ? 4 : 2)
  })

  test('a dip to a quarter is followed within seconds, and so is its end', async () => {
    const { clock, backend } = start()
    const { between } = replayer(clock, backend)
    await clock.advance(15_000)
    const before = between(10_000, 15_000).length
    const baseline = latency(between(0, 200))
    backend.servers = 2
    await clock.advance(15_000)
    expect(latency(between(20_000, 30_000))).toBeLessThanOrEqual(2 * baseline + 6)
    expect(between(20_000, 30_000).length / 10).toBeGreaterThan(70)
    backend.servers = 8
    await clock.advance(20_000)
    expect(between(45_000, 50_000).length).toBeGreaterThan(0.8 * before)
  })

  test('a backend that is down gets less and less, and after its return as much as before', async () => {
    const { clock, backend } = start()
    const { between } = replayer(clock, backend)
    await clock.advance(15_000)
    const before = between(10_000, 15_000).length
    backend.down = true
    await clock.advance(5000)
    // Without a throttle it would be 64 requests a millisecond.
    expect(between(17_000, 20_000).length).toBeLessThan(200)
    backend.down = false
    await clock.advance(20_000)
    expect(between(35_000, 40_000).length).toBeGreaterThan(0.8 * before)
  })

  test('a backend that turns requests away above its limit is kept near it', async () => {
    const { clock, backend } = start()
    backend.limit = 6
    const { between } = replayer(clock, backend)
    await clock.advance(40_000)
    const late = between(20_000, 40_000)
    const accepted = late.filter(answer => answer.accepted)
    expect(accepted.length / late.length).toBeGreaterThan(0.8)
    expect(accepted.length / 20).toBeGreaterThan(140)
  })

  test('replays side by side leave each other room, and shares alike where latencies do not lie', async () => {
    const { clock, backend } = start()
    const replays = [1, 2, 3, 4].map(() => replayer(clock, backend))
    await clock.advance(60_000)
    const shares = replays.map(({ between }) => between(20_000, 60_000).length)
    expect(fairness(shares)).toBeGreaterThan(noisy ? 0.4 : 0.8)
    expect(Math.min(...shares) / Math.max(...shares)).toBeGreaterThan(noisy ? 0.05 : 0.5)
  })

  test('a replay that starts later takes its share, and leaves the other one its own', async () => {
    const { clock, backend } = start()
    const one = replayer(clock, backend)
    await clock.advance(10_000)
    const two = replayer(clock, backend)
    await clock.advance(110_000)
    const shares = [one, two].map(({ between }) => between(40_000, 120_000).length)
    expect(Math.min(...shares) / Math.max(...shares)).toBeGreaterThan(0.1)
  })
})

test('a backend that has become slower for good is believed in the end', async () => {
  const clock = new VirtualClock()
  const backend = new ModelledBackend(clock, seeded(4), 8, 20, false)
  const { between } = replayer(clock, backend)
  await clock.advance(10_000)
  backend.serviceMs = 100
  await clock.advance(120_000)
  // 8 workers × 10 a second.
  expect(between(120_000, 130_000).length / 10).toBeGreaterThan(55)
})

test('a limit that nobody reaches does not grow', () => {
  const limiter = adaptive()
  for (let round = 0, now = 0; round < 500; round++, now += 20) {
    limiter.went?.(ONE, now)
    limiter.settled?.({ kind: 'accepted', rejected: 0 }, 10, now + 10)
  }
  expect(limiter.baselineMs).toBe(10)
  expect(limiter.limit).toBeLessThanOrEqual(2)
})

test('refusals of the data say nothing about the backend', () => {
  const limiter = adaptive()
  for (let now = 0; now < 8; now++) {
    limiter.went?.(ONE, now)
    limiter.settled?.({ kind: 'refused', reason: 'HTTP status 400', status: 400 }, 1, now)
  }
  expect(limiter.limit).toBe(2)
})
