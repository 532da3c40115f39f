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

const withProbes = (probes: string, more = '') => `steady-state-hypothesis:\n  probes:\n${probes}\n${more}method: []\n`
const FULL = `
target: docker
configuration: { steady: 3s, hold: 5s, max-fault: 1m, bring-back: [primary] }
blast-radius: [primary]
abort-on: [queue otlp/primary]
steady-state-hypothesis:
  probes:
    - { measure: lost, tolerance: 0 }
    - { probe: queue, exporter: otlp/primary, tolerance: '< 80%' }
    - { probe: http, name: api, url: 'http://127.0.0.1:1/x', headers: { a: b }, when: on-chaos, interval: 2s, timeout: 1s, failure-threshold: 2, success-threshold: 4 }
    - { probe: loss, after: 5s, tolerance: 0 }
method:
  - { fault: stop, target: primary, for: 20s }
rollbacks: [{ run: [echo, a] }]
controls: [{ name: silence, when: before-method, run: [echo, b], timeout: 5s }]
`

test('probes, safety, rollbacks and controls are read with their defaults', () => {
  const read = readExperiment('x.yaml', FULL)
  expect(read).toMatchObject({
    target: 'docker',
    steadyMs: 3000,
    holdMs: 5000,
    maxFaultMs: 60_000,
    bringBack: ['primary'],
    blastRadius: ['primary'],
    abortOn: ['queue otlp/primary'],
    faults: [{ action: 'stop', lastsMs: 20_000 }],
    rollbacks: [{ name: 'echo', run: ['echo', 'a'], timeoutMs: 60_000 }],
    controls: [{ name: 'silence', when: 'before-method', timeoutMs: 5000 }],
  })
  const defaults = { intervalMs: 1000, timeoutMs: 5000, failureThreshold: 3, successThreshold: 1 }
  expect(read.probes).toMatchObject([
    { name: 'queue otlp/primary', when: 'continuous', ...defaults, settings: { exporter: 'otlp/primary' } },
    { name: 'api', when: 'on-chaos', intervalMs: 2000, timeoutMs: 1000, failureThreshold: 2, successThreshold: 4 },
    { name: 'loss', when: 'edge', settings: { afterMs: 5000 } },
  ])
  expect(read.claims.map(({ text }) => text)).toEqual(['lost == 0'])
})

test('abort-on none is something else than nothing said', () => {
  expect(readExperiment('x.yaml', 'abort-on: none\nmethod: []').abortOn).toEqual([])
  expect(readExperiment('x.yaml', 'method: []').abortOn).toBeUndefined()
})

describe('what is wrong with a probe is told with its place and the nearest name', () => {
  test.each<[what: string, yaml: string, message: string]>([
    [
      'an unknown probe',
      withProbes('    - { probe: leval, tolerance: 0 }'),
      'x.yaml:3:16: no probe is called `leval`; did you mean `level`?',
    ],
    ['a setting of another', withProbes('    - { probe: level, tolerance: 0, exporters: a }'), 'x.yaml:3:37: '],
    [
      'a setting misspelled',
      withProbes('    - { probe: queue, exportr: a, tolerance: 1 }'),
      'unknown key `exportr`; did you mean `exporter`?',
    ],
    [
      "a setting that is another probe's",
      withProbes('    - { probe: level, exporter: a, tolerance: 1 }'),
      'x.yaml:3:23: the probe level takes no `exporter`',
    ],
    [
      'a setting that is missing',
      withProbes('    - { probe: promql, url: http://x, tolerance: 0 }'),
      'the probe promql has no `query`',
    ],
    ['no tolerance', withProbes('    - { probe: level }'), 'the probe level has no `tolerance`'],
    [
      'a tolerance that is none',
      withProbes('    - { probe: level, tolerance: "< many" }'),
      'x.yaml:3:34: expected a number after the comparison',
    ],
    [
      'a tolerance in another unit',
      withProbes('    - { probe: latency, tolerance: "< 5" }'),
      'is a duration with a unit such as 5s: `< 5` is none',
    ],
    [
      'a measure that is no comparison',
      withProbes('    - { measure: lost, tolerance: { regex: a } }'),
      'x.yaml:3:35: the tolerance of a measure',
    ],
    ['neither measure nor probe', withProbes('    - { name: a, tolerance: 0 }'), 'x.yaml:3:'],
    [
      'the same name twice',
      withProbes('    - { probe: level, tolerance: 0 }\n    - { probe: level, tolerance: 1 }'),
      'x.yaml:4:7: two probes are called `level`',
    ],
    [
      'an abort-on of nobody',
      withProbes('    - { probe: level, tolerance: 0 }', 'abort-on: [levl]\n'),
      'x.yaml:4:12: no probe is called `levl`; did you mean `level`?',
    ],
    ['an abort-on without probes', 'abort-on: [a]\nmethod: []', 'no probe is called `a`'],
    [
      'an abort-on at the end',
      withProbes('    - { probe: level, tolerance: 0, when: end }', 'abort-on: [level]\n'),
      '`level` cannot end a run: it is looked at at its end only',
    ],
    ['an abort-on that is neither', 'abort-on: never\nmethod: []', 'expected a list of names of probes, or none'],
    ['a fault misspelled', 'method:\n  - { fault: stopp, target: a }', 'did you mean `stop`?'],
    ['an address without its scheme', withProbes('    - { probe: http, url: localhost }'), 'an address that begins with http://'],
  ])('%s', (_, yaml, message) => expect(() => readExperiment('x.yaml', yaml)).toThrow(message))
})
