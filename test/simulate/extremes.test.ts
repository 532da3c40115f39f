import { describe, expect, test } from 'vitest'
import type { Wish } from '../../src/experiment/wish.ts'
import { runOnce } from '../../src/simulate/run.ts'
import { type Choices, config, fault, setup } from './configs.ts'

const HOUR = 3_600_000

function run(choices: Choices, wish: Partial<Wish>) {
  const { graph, failover, scenario } = setup(config(choices), wish)
  return runOnce(graph, failover, scenario)
}

describe('what makes many events comes to an end', () => {
  test.each<[what: string, Choices, Partial<Wish>]>([
    [
      'flapping for a day',
      {},
      { traffic: 10, spansPerRequest: 10, durationMs: 24 * HOUR, faults: [fault('flap', 'primary=2s/2s@0s..24h')] },
    ],
    [
      'retries without a pause',
      { retry: '{ initial_interval: 0s, max_interval: 0s }', timeout: '1s' },
      { durationMs: 20_000, faults: [fault('stop', 'primary=1s..3s')] },
    ],
    ['a retry_interval in nanoseconds', { interval: '5' }, { durationMs: 20_000, faults: [fault('stop', 'primary=1s..9s')] }],
    ['a timeout in nanoseconds', { timeout: '5' }, { durationMs: 20_000, faults: [] }],
    [
      'a queue of one',
      { connectorQueue: '{ queue_size: 1, num_consumers: 1 }' },
      { durationMs: 20_000, faults: [fault('latency', 'primary=500ms@1s..9s')] },
    ],
    ['one request', {}, { traffic: 0.1, durationMs: 5000, faults: [fault('stop', 'primary=1s..2s')] }],
  ])('%s', (_, choices, wish) => {
    const { ledger } = run(choices, wish).measured
    expect(ledger.sent).toBeGreaterThan(0)
    expect(ledger.acknowledged + ledger.refused + ledger.unknown).toBe(ledger.sent)
  })
})

test('a day at 10,000 spans a second is mostly counted, and every span of it', () => {
  const { measured, steps, skipped } = run(
    {},
    { traffic: 10_000, durationMs: 24 * HOUR, faults: [fault('stop', 'primary=1h..2h')] },
  )
  expect(measured.ledger.sent).toBe(864_000_000)
  expect(measured.ledger.acknowledged).toBe(864_000_000)
  expect(skipped).toBeGreaterThan(2_000_000)
  expect(steps).toBeLessThan(20_000)
  const { primary, secondary } = measured.ledger.delivered
  expect((primary as number) + (secondary as number)).toBe(864_000_000)
})

test('the same seed gives the same run, another seed another', () => {
  const wish: Partial<Wish> = { durationMs: 300_000, faults: [fault('stop', 'primary=10s..2m')] }
  const [one, same, other] = [7, 7, 8].map(seed => run({ retry: '{}', queue: '{}' }, { ...wish, seed }).dialed)
  expect(one).toEqual(same)
  expect(one).not.toEqual(other)
})
