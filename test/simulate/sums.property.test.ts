import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Wish } from '../../src/experiment/wish.ts'
import { type Run, runOnce } from '../../src/simulate/run.ts'
import { type Choices, config, fault, setup } from './configs.ts'

const OFF = '{ enabled: false }'
const queue = fc.constantFrom(
  OFF,
  '{ queue_size: 20 }',
  '{ queue_size: 400, sizer: items, num_consumers: 2 }',
  '{ queue_size: 30000, sizer: bytes, block_on_overflow: true }',
  '{ queue_size: 10, wait_for_result: true }',
  '{ queue_size: 50, storage: file_storage }',
  '{ queue_size: 900, sizer: items, batch: { flush_timeout: 300ms, min_size: 64, max_size: 200 } }',
)
const retry = fc.constantFrom(OFF, '{ initial_interval: 1s, max_elapsed_time: 20s }', '{ max_elapsed_time: 0s }')

const choices: fc.Arbitrary<Choices> = fc.record({
  wire: fc.constantFrom('otlp_grpc' as const, 'otlp_http' as const),
  connectorQueue: queue,
  queue,
  retry,
  interval: fc.constantFrom('1s', '5s', '30s'),
  timeout: fc.constantFrom('1s', '5s', '0s'),
  processors: fc.constantFrom('[]', '[batch]', '[memory_limiter]', '[memory_limiter, batch/small]'),
  levelProcessors: fc.constantFrom('[]', '[batch]', '[batch/small]'),
  alsoInLevel0: fc.boolean(),
  fsync: fc.boolean(),
  lastIsFile: fc.constantFrom(
    undefined,
    undefined,
    '{ path: /tmp/a }',
    '{ path: /tmp/a, append: true }',
    '{ path: /tmp/a, rotation: { max_megabytes: 1, max_backups: 1 } }',
  ),
})

const times = fc
  .tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 60 }))
  .map(([at, length]) => `${at}s..${at + length}s`)
const one = (backend: string) =>
  fc.oneof(
    times.map(window => fault('stop', `${backend}=${window}`)),
    times.map(window => fault('pause', `${backend}=${window}`)),
    times.map(window => fault('partition', `${backend}=${window}`)),
    times.map(window => fault('latency', `${backend}=200ms@${window}`)),
    times.map(window => fault('latency', `${backend}=2s@${window}`)),
    times.map(window => fault('disk-full', `${backend}=${window}`)),
    times.map(window => fault('reject', `${backend}=429@${window}`)),
    times.map(window => fault('reject', `${backend}=400@${window}`)),
    times.map(window => fault('flap', `${backend}=3s/4s@${window}`)),
  )
const crash = fc.tuple(fc.constantFrom('collector', 'machine'), fc.integer({ min: 1, max: 110 }), fc.integer({ min: 0, max: 20 }))

const wishes: fc.Arbitrary<Partial<Wish>> = fc
  .record({
    primary: fc.option(one('primary')),
    secondary: fc.option(one('level1')),
    crash: fc.option(crash.map(([who, at, down]) => fault('crash', `${who}@${at}s+${down}s`))),
    traffic: fc.constantFrom(5, 24, 100, 333),
    spansPerRequest: fc.constantFrom(1, 7, 10),
    spanBytes: fc.constantFrom(100, 3000),
    senderRetryMs: fc.constantFrom(undefined, 20_000),
    seed: fc.nat(),
  })
  .map(({ primary, secondary, crash: died, ...rest }) => ({
    ...rest,
    durationMs: 120_000,
    drainWithinMs: 30_000,
    faults: [primary, secondary, died].flatMap(each => each ?? []),
  }))

const version = fc.constantFrom('0.161.0', '0.161.0', '0.120.0')

/** Everything that a run says, as far as it does not say how it was computed. */
const told = ({ measured, losses, refusals, turns, dialed }: Run) => ({
  measured,
  losses: losses.toSorted((a, b) => (a.by + a.error).localeCompare(b.by + b.error)),
  refusals: new Map([...refusals].sort()),
  turns,
  dialed,
})

test('every span is delivered, lost with a named cause, or still queued; and what is skipped changes nothing', () => {
  let skipped = 0
  fc.assert(
    fc.property(choices, wishes, version, (chosen, wish, release) => {
      const { graph, failover, scenario } = setup(config(chosen), wish, release)
      const run = runOnce(graph, failover, scenario)
      const { ledger } = run.measured
      expect(ledger.sent).toBe(scenario.spansPerRequest * Math.ceil((scenario.rate * 120) / scenario.spansPerRequest))
      expect(ledger.acknowledged + ledger.refused + ledger.unknown).toBe(ledger.sent)
      expect(run.losses.reduce((sum, { count }) => sum + count, 0)).toBe(ledger.lost)
      expect(ledger.lost_ranges.reduce((sum, [from, to]) => sum + to - from + 1, 0)).toBe(ledger.lost)
      for (const { by, error } of run.losses) expect([by, error]).not.toContain('')
      expect([...run.refusals.values()].reduce((sum, spans) => sum + spans, 0)).toBe(ledger.refused)
      // What arrived, less what arrived again, is what is neither lost, nor queued, nor refused for good before it got anywhere.
      const arrivals = Object.values(ledger.delivered).reduce((sum, spans) => sum + spans, 0)
      expect(arrivals).toBeGreaterThanOrEqual(ledger.acknowledged - ledger.lost - ledger.queued)
      const exact = runOnce(graph, failover, scenario, { exact: true })
      expect(exact.skipped).toBe(0)
      expect(told(run)).toEqual(told(exact))
      skipped += run.skipped
    }),
    { seed: 8, numRuns: 60 },
  )
  expect(skipped).toBeGreaterThan(0)
}, 120_000)
