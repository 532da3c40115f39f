import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readExperiment } from '../../src/experiment/read-experiment.ts'

const EXAMPLE = readFileSync(new URL('../../fixtures/experiments/primary-down.yaml', import.meta.url), 'utf8')

test('an experiment file says what flags would say', () => {
  const read = readExperiment('some/where/x.yaml', EXAMPLE)
  expect(read).toMatchObject({
    title: 'The primary is down for ten minutes, and the collector dies in the middle',
    config: ['some/poc/main.yaml'],
    traffic: 500,
    spansPerRequest: 20,
    spanBytes: 600,
    durationMs: 900_000,
    senderRetryMs: 300_000,
    runs: 20,
    faults: [
      { action: 'stop', who: 'primary', atMs: 60_000, untilMs: 660_000 },
      { action: 'latency', who: 'secondary', latencyMs: 200, atMs: 120_000, untilMs: 180_000 },
      { action: 'crash', who: 'collector', atMs: 300_000, downMs: 2000 },
    ],
  })
  expect(read.claims.map(({ text }) => text)).toEqual([
    'failover_time < 1s',
    'p95(recovery_time) <= 2m',
    'peak_queue >= 0% and peak_queue <= 50%',
    'duplicated == 0',
  ])
})

describe('what is wrong is told with its place', () => {
  test.each<[what: string, yaml: string, message: string]>([
    ['no method', 'title: x', 'x.yaml:1:1: `method` is missing'],
    ['an unknown key', 'method: []\nmetod: []', 'x.yaml:2:1: unknown key `metod`'],
    ['an unknown fault', 'method:\n  - { fault: stopp, target: a }', 'x.yaml:2:'],
    ['a reject without a status', 'method:\n  - { fault: reject, target: a }', 'reject a has no `status`'],
    ['a flap without its times', 'method:\n  - { fault: flap, target: a, down: 5s }', 'flap a has no `up`'],
    ['two ends', 'method:\n  - { fault: stop, target: a, until: 5s, for: 5s }', 'stop a has both `until` and `for`'],
    ['an end that is no time', 'method:\n  - { fault: stop, target: a, until: later }', 'until later is no duration'],
    ['a bare duration', 'method:\n  - { fault: stop, target: a, at: 5 }', 'x.yaml:2:'],
    ['no traffic', 'configuration: { traffic: 0 }\nmethod: []', 'x.yaml:1:'],
    [
      'a probe that cannot be understood',
      'steady-state-hypothesis:\n  probes:\n    - { measure: lots, tolerance: 0 }\nmethod: []',
      'x.yaml:3:7: "lots == 0": column 1: expected `lost`',
    ],
    ['no map', '- 1', 'expected a map'],
  ])('%s', (_, yaml, message) => expect(() => readExperiment('x.yaml', yaml)).toThrow(message))
})
