import { describe, expect, test } from 'vitest'
import type { Wish } from '../../src/experiment/wish.ts'
import { config, fault, setup } from './configs.ts'

const plan = (wish: Partial<Wish>) => setup(config(), wish).scenario

describe('what is left open is decided', () => {
  test('a window of five minutes after the first, and traffic until after the recovery', () => {
    const { faults, durationMs, spansPerRequest, rate } = plan({ faults: [fault('stop', 'primary')] })
    expect(faults).toEqual([{ kind: 'stop', backend: 'primary', atMs: 60_000, untilMs: 360_000 }])
    expect(durationMs).toBe(480_000)
    expect([rate, spansPerRequest]).toEqual([500, 20])
  })

  test.each([
    [1, 1],
    [25, 1],
    [10_000, 400],
    [100_000, 512],
  ])('%i spans/s go in requests of %i', (traffic, spans) => expect(plan({ traffic }).spansPerRequest).toBe(spans))

  test('a backend is called by any of its names', () => {
    for (const name of ['primary', 'level0', 'traces/primary', 'otlp_grpc/primary'])
      expect(plan({ faults: [fault('stop', name)] }).faults[0]?.backend).toBe('primary')
  })

  test('flapping is stopping again and again, and ends with its window', () => {
    expect(
      plan({ faults: [fault('flap', 'primary=10s/5s@60s..100s')] }).faults.map(({ atMs, untilMs }) => [atMs, untilMs]),
    ).toEqual([
      [60_000, 70_000],
      [75_000, 85_000],
      [90_000, 100_000],
    ])
  })

  test('a sender that tries again does it as a collector does', () => {
    expect(plan({ senderRetryMs: 60_000 }).senderRetry).toMatchObject({ initialMs: 5000, maxMs: 30_000, maxElapsedMs: 60_000 })
  })
})

describe('what cannot be run is told', () => {
  test.each<[what: string, wish: Partial<Wish>, message: RegExp]>([
    ['an unknown backend', { faults: [fault('stop', 'primry')] }, /no backend is called primry/],
    ['a negative start', { faults: [fault('stop', 'primary=-5s..5s')] }, /begins before the traffic/],
    ['an end before the start', { faults: [fault('stop', 'primary=5m..1m')] }, /ends \(1m\) before it begins \(5m\)/],
    ['an empty window', { faults: [fault('stop', 'primary=1m..1m')] }, /before it begins/],
    [
      'two at a time',
      { faults: [fault('stop', 'primary=1m..3m'), fault('pause', 'level0=2m..4m')] },
      /--stop primary=1m..3m and --pause level0=2m..4m overlap/,
    ],
    ['no traffic', { traffic: 0 }, /traffic of 0 spans/],
    [
      'a fault after the end',
      { durationMs: 60_000, faults: [fault('stop', 'primary=2m..3m')] },
      /begins when the traffic is over \(1m\)/,
    ],
    [
      'a crash after the end',
      { durationMs: 60_000, faults: [fault('crash', 'collector@2m')] },
      /begins when the traffic is over/,
    ],
    ['a crash of a backend', { faults: [fault('crash', 'primary@1m')] }, /what crashes is the collector or its machine/],
    [
      'a crash while it is down',
      { faults: [fault('crash', 'collector@1m+1m'), fault('crash', 'collector@90s')] },
      /comes before the collector is up again/,
    ],
    ['flapping in no time', { faults: [fault('flap', 'primary=0s/1s')] }, /down and up each take some time/],
    ['flapping for ever', { faults: [fault('flap', 'primary=1s/1s@0s..')] }, /has no end/],
    ['flapping like mad', { faults: [fault('flap', 'primary=1ms/1ms@0s..24h')] }, /more than 100000/],
  ])('%s', (_, wish, message) => expect(() => plan(wish)).toThrow(message))

  test('two windows may follow each other', () => {
    expect(plan({ faults: [fault('stop', 'primary=1m..2m'), fault('pause', 'primary=2m..3m')] }).faults).toHaveLength(2)
  })
})
