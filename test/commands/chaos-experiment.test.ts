import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { outcome as isOutcome } from '#schemas'
import type { DryRun } from '../../src/chaos/dry-run.ts'
import { main } from '../../src/cli/main.ts'
import type { Runs } from '../../src/commands/chaos-runs.ts'
import type { Outcome } from '../../src/model/outcome.ts'
import { testHost } from '../real-host.ts'

const folder = mkdtempSync(join(tmpdir(), 'failoverctl-experiment-'))
afterAll(() => rmSync(folder, { recursive: true }))

const POC = 'fixtures/poc/main.yaml'
const QUICK = 'configuration: { steady: 300ms, hold: 1s, drain-within: 15s, seed: 7 }\n'
const STOP = 'method: [{ fault: stop, target: primary }]\n'
const RECOVERS = ['--config', 'yaml:connectors::failover/traces::retry_interval: 1s']

const probes = (...lines: readonly string[]) =>
  `steady-state-hypothesis:\n  probes:\n${lines.map(line => `    - { ${line} }\n`).join('')}`

async function run(text: string, ...more: readonly string[]) {
  const file = join(folder, 'x.yaml')
  writeFileSync(file, text)
  const host = testHost({ TOKEN: 'hush' })
  const argv = ['chaos', '--experiment', file, '--config', POC, ...RECOVERS, '--journal', join(folder, 'j.jsonl'), ...more]
  const exit = await main(argv, host)
  await host.network.close()
  return { exit, ...host.printed }
}

describe('an experiment file on the lab', { timeout: 60_000 }, () => {
  test('probes and claims are checks beside the others', async () => {
    const file = `${QUICK}abort-on: [spans]\n${probes(
      'measure: lost, tolerance: 0',
      "measure: failover_time, tolerance: '< 1ms'",
      'probe: level, tolerance: 0',
      'probe: level, name: level in the fault, tolerance: 1, when: on-chaos, interval: 100ms, failure-threshold: 20',
      "probe: queue, tolerance: '< 80%', when: continuous, interval: 200ms",
      'probe: loss, name: spans, tolerance: 0',
      'probe: arrivals, name: secondary took some, backend: secondary, tolerance: "> 10", when: end',
    )}${STOP}`
    const { exit, out } = await run(file, '--json')
    const outcome = JSON.parse(out) as Outcome
    expect(isOutcome(outcome)).toBe(true)
    const results = Object.fromEntries(outcome.checks.map(({ name, result }) => [name, result]))
    expect(results).toMatchObject({
      'steady state': 'held',
      'failover in time': 'held',
      'lost == 0': 'held',
      'failover_time < 1ms': 'deviated',
      'level (start)': 'held',
      'level (end)': 'held',
      'level in the fault': 'held',
      queue: 'held',
      spans: 'held',
      'secondary took some': 'held',
    })
    expect(outcome.reason).toMatch(/^failover_time < 1ms: failover_time was /)
    expect(exit).toBe(1)
  })

  test('a hypothesis that does not hold: no fault is made', async () => {
    const { exit, out } = await run(`${QUICK}${probes('probe: level, tolerance: 1, interval: 50ms')}${STOP}`, '--json')
    const outcome = JSON.parse(out) as Outcome
    expect(outcome).toMatchObject({
      verdict: 'deviated',
      faults: [],
      reason: expect.stringContaining('the steady-state hypothesis does not hold: level of failover/traces: 0, expected == 1'),
    })
    expect(exit).toBe(1)
  })

  test('a probe under abort-on ends the run in the middle of a fault, which is taken back', async () => {
    const file = `configuration: { steady: 300ms, hold: 60s, drain-within: 15s }\nabort-on: [level]\n${probes(
      'probe: level, tolerance: 0, when: on-chaos, interval: 100ms',
    )}${STOP}`
    const { exit, out } = await run(file, '--json')
    const outcome = JSON.parse(out) as Outcome
    expect(outcome.reason).toContain('ended before its time: abort-on: level of failover/traces: 1, expected == 0')
    expect(outcome.faults).toMatchObject([{ backend: 'primary', until_s: expect.any(Number) }])
    expect(outcome.checks.find(({ name }) => name === 'steady state')?.result).toBe('held')
    expect(exit).toBe(1)
  })

  test('several runs: how figures are spread, claims over all, a check for each run', async () => {
    const { exit, out } = await run(
      `${QUICK}${probes("measure: max(failover_time), tolerance: '< 20s'")}${STOP}`,
      '--runs',
      '2',
      '--json',
    )
    const { outcome, runs, spread, assertions } = JSON.parse(out) as Runs
    expect(runs.map(({ seed }) => seed)).toEqual([7, 8])
    expect(spread.failover_time.max).toBeLessThan(20)
    expect(assertions).toMatchObject([{ text: 'max(failover_time) < 20s', holds: true }])
    expect(outcome.checks.filter(({ name }) => name.startsWith('run '))).toMatchObject([
      { name: 'run 1 of 2' },
      { name: 'run 2 of 2' },
    ])
    expect(exit).toBe(0)
  })
})

describe('--dry-run', () => {
  const file = `title: x\nblast-radius: [primary]\nabort-on: [q]\n${QUICK}${probes(
    'measure: lost, tolerance: 0',
    "probe: queue, name: q, tolerance: '< 80%'",
    "probe: http, name: api, url: 'http://127.0.0.1:1/', headers: { authorization: '${env:TOKEN}' }",
  )}method: [{ fault: reject, target: level0, status: 503, at: 5s, for: 20s }]
rollbacks: [{ name: tidy, run: [tidy-up, --token, hush] }]
`
  test('names every fault with its subject, window and undo, and what is allowed; sends nothing', async () => {
    const { exit, out, err } = await run(file, '--dry-run', '--json')
    const plan = JSON.parse(out) as DryRun
    expect(plan).toMatchObject({
      connector: 'failover/traces',
      levels: [['otlp/primary'], ['otlp/secondary']],
      lowest_level: 1,
      faults: [{ kind: 'reject', on: 'primary', from: 'at 5s', until: 'until 25s', undo_by_hand: null }],
      claims: ['lost == 0'],
      probes: [
        { name: 'q', expected: 'queue < 80%', when: 'continuous', aborts: true },
        { name: 'api', when: 'edge', aborts: false },
      ],
      rollbacks: ['tidy'],
      runs: 1,
      seed: 7,
    })
    expect(exit).toBe(0)
    expect(err).toBe('')
    expect(out).not.toContain('hush')
  })

  test('as text', async () => {
    const { out } = await run(file, '--dry-run')
    expect(out).toMatch(/^Dry run: nothing is made to fail, nothing is sent\n/)
    expect(out).toContain('reject primary: at 5s, until 25s')
    expect(out).toContain('q: queue < 80% (continuous, ends the run)')
    expect(out).not.toContain('hush')
  })
})

describe('what is refused before anything happens', () => {
  test.each<[what: string, text: string, more: readonly string[], exit: number, message: string]>([
    [
      'no abort-on beside the lab',
      STOP,
      ['--target', 'process'],
      3,
      '`abort-on` is missing: it has to be said for processes on this machine',
    ],
    ['a target that there is not', `target: cloud\n${STOP}`, [], 3, 'there is no target cloud'],
    [
      'a fault outside of the blast radius',
      `blast-radius: [secondary]\n${STOP}`,
      [],
      2,
      'stop primary is outside of the blast radius (secondary)',
    ],
    [
      'a probe of an exporter that there is not',
      `${probes('probe: queue, exporter: otlp/primry, tolerance: 0')}${STOP}`,
      [],
      3,
      'did you mean `otlp/primary`?',
    ],
    ['a health check that there is not', `${probes('probe: health')}${STOP}`, [], 3, 'the config has no health_check extension'],
    ['a claim that cannot be understood', STOP, ['--assert', 'lots == 0'], 2, 'expected `lost`'],
    [
      'a secret that is not there',
      `${probes("probe: http, url: 'http://a/', headers: { x: '${env:NONE}' }")}${STOP}`,
      [],
      3,
      'the environment has no NONE',
    ],
    [
      'what the target cannot do',
      'method: [{ fault: crash, target: primary }]',
      [],
      4,
      'crash primary cannot be done with the embedded lab',
    ],
  ])('%s', async (_, text, more, exit, message) => {
    const result = await run(text, ...more)
    expect(result).toMatchObject({ exit, err: expect.stringContaining(message), out: '' })
    expect(result.err).not.toContain('    at ')
  })
})

describe('a config without a failover connector', { timeout: 60_000 }, () => {
  const SINGLE = `yaml:receivers: { otlp: { protocols: { http: } } }
exporters: { otlp_http/backend: { endpoint: "http://127.0.0.1:4319", sending_queue: { enabled: false }, retry_on_failure: { enabled: false } } }
service: { pipelines: { traces: { receivers: [otlp], exporters: [otlp_http/backend] } } }`
  async function single(text: string) {
    const file = join(folder, 'single.yaml')
    writeFileSync(file, text)
    const host = testHost()
    const exit = await main(['chaos', '--config', SINGLE, '--experiment', file, '--json', '--quiet'], host)
    await host.network.close()
    return { exit, outcome: JSON.parse(host.printed.out) as Outcome }
  }

  test('is refused where nothing else is asked', async () => {
    const { exit, outcome } = await single('method: [{ fault: stop, target: backend }]')
    expect({ exit, reason: outcome.reason }).toEqual({ exit: 1, reason: expect.stringContaining('this config cannot fail over') })
  })

  test('is run where a file says what is to be seen', async () => {
    const { exit, outcome } = await single(
      `${QUICK}${probes("measure: refused, tolerance: '> 10'", 'measure: lost, tolerance: 0')}method: [{ fault: stop, target: backend }]`,
    )
    expect(outcome).toMatchObject({ verdict: 'held', ledger: { lost: 0 }, recovery_time_s: expect.any(Number) })
    expect(exit).toBe(0)
  })
})
