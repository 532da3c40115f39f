import { describe, expect, test } from 'vitest'
import { readFault } from '../../src/experiment/read-fault.ts'
import type { Action, WishedFault } from '../../src/experiment/wish.ts'

const SECOND = 1000
const MINUTE = 60_000

describe('how a fault is written', () => {
  test.each<[Action, string, Omit<WishedFault, 'action' | 'said'>]>([
    ['stop', 'primary=60s..10m', { who: 'primary', atMs: MINUTE, untilMs: 10 * MINUTE }],
    ['stop', 'otlp/primary', { who: 'otlp/primary' }],
    ['stop', 'primary=60s..', { who: 'primary', atMs: MINUTE, untilMs: Number.POSITIVE_INFINITY }],
    ['pause', 'primary=..90s', { who: 'primary', atMs: 0, untilMs: 90 * SECOND }],
    ['latency', 'primary=200ms', { who: 'primary', latencyMs: 200 }],
    ['latency', 'primary=200ms@1m..2m', { who: 'primary', latencyMs: 200, atMs: MINUTE, untilMs: 2 * MINUTE }],
    ['reject', 'level0=429', { who: 'level0', status: 429 }],
    ['reject', 'level0=503@0s..1s', { who: 'level0', status: 503, atMs: 0, untilMs: SECOND }],
    ['flap', 'primary=30s/10s', { who: 'primary', downMs: 30 * SECOND, upMs: 10 * SECOND }],
    ['crash', 'collector@5m', { who: 'collector', atMs: 5 * MINUTE }],
    ['crash', 'machine@5m+30s', { who: 'machine', atMs: 5 * MINUTE, downMs: 30 * SECOND }],
    ['crash', 'collector', { who: 'collector' }],
  ])('%s %s', (action, text, wished) => {
    expect(readFault(action, text, '--x')).toEqual({ action, said: `--x ${text}`, ...wished })
  })
})

describe('what cannot be understood is told with an example', () => {
  test.each<[Action, string]>([
    ['stop', ''],
    ['loss', 'primary=120%'],
    ['latency', 'primary=200'],
    ['stop', '=60s..10m'],
    ['stop', 'primary=60s'],
    ['stop', 'primary=60..70'],
    ['stop', 'primary=a..b'],
    ['latency', 'primary'],
    ['latency', 'primary=fast'],
    ['latency', 'primary=200ms@1m'],
    ['latency', 'primary=200ms@1m..2m@3m..4m'],
    ['reject', 'primary=200'],
    ['reject', 'primary=600'],
    ['flap', 'primary=30s'],
    ['flap', 'primary=1s/2s/3s'],
    ['crash', 'collector@soon'],
    ['crash', 'collector@5m+1s+1s'],
  ])('%s %s', (action, text) => {
    expect(() => readFault(action, text, '--x')).toThrow(`--x ${text} cannot be understood: expected `)
  })

  test('in words for what is missing, and first without a window', () => {
    expect(() => readFault('latency', 'primary=200', '--latency')).toThrow(
      expect.objectContaining({
        message: '--latency primary=200 cannot be understood: expected a time with its unit',
        hint: 'Example: --latency primary=200ms, or in a window: primary=200ms@60s..10m',
      }),
    )
  })
})
