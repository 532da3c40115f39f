import { describe, expect, test } from 'vitest'
import { outcome as isOutcome } from '#schemas'
import type { Experiment } from '../../src/chaos/experiment.ts'
import { judge, type RunIdentity, refusedOutcome } from '../../src/outage/judge.ts'
import type { Measured, Transition } from '../../src/outage/measured.ts'
import type { Finding } from '../../src/validate/check.ts'

const finding = (rule: string, kind: Finding['kind'], severity: Finding['severity'], line: number): Finding => ({
  rule,
  kind,
  severity,
  at: { file: 'a.yaml', line, column: 1, length: 1 },
  message: `${rule} says so`,
})

const EXPERIMENT: Experiment = {
  faults: [{ kind: 'stop', on: 'primary' }],
  steadyMs: 0,
  holdMs: 0,
  failoverWithinMs: 7000,
  recoverWithinMs: 12_000,
  drainWithinMs: 0,
  maxFaultMs: 600_000,
  scrapeIntervalMs: 100,
  rate: 50,
  spansPerRequest: 1,
  maxLost: 0,
  seed: 1,
}

const IDENTITY: RunIdentity = {
  target: 'a lab',
  config: 'a.yaml',
  collector_version: '0.163.0',
  seed: 1,
  run: '00000000000000ab',
  notes: [],
  backends: [{ name: 'primary', level: 0 }],
}

const reached = (expected: number): Transition => ({
  expected,
  level: expected,
  reached: true,
  time_s: 0.01,
  interval_s: [0, 0.1],
})
const missed = (expected: number, level: number | undefined): Transition => ({
  expected,
  level,
  reached: false,
  time_s: null,
  interval_s: null,
})

const measured = (changes: Partial<Measured> = {}, lost = 0): Measured => ({
  levels: [{ at_s: 0, level: 0, connector: 'failover', evidence: 'gauge' }],
  faults: [],
  steady: true,
  failover: reached(1),
  recovery: reached(0),
  ledger: {
    sent: 100,
    acknowledged: 100,
    refused: 0,
    unknown: 0,
    delivered: {},
    lost,
    duplicated: 0,
    queued: 0,
    lost_ranges: [],
  },
  ...changes,
})

const QUEUE = finding('queue-hides-errors', 'placebo', 'error', 12)
const RETRY = finding('retry-delays-failover', 'placebo', 'warning', 3)
const EARLY = finding('connector-answers-early', 'loss', 'info', 5)
const BATCH = finding('batch-hides-errors', 'placebo', 'error', 20)
const ADVICE = finding('deprecated-setting', 'advice', 'warning', 1)

describe('the verdict', () => {
  const cases: [what: string, measured: Measured, findings: readonly Finding[], verdict: string, reason: string][] = [
    ['all as it should be', measured(), [EARLY, ADVICE], 'held', 'level 0 → 1 → 0, nothing lost'],
    [
      'no failover: the error before the warning',
      measured({ failover: missed(1, 0) }),
      [RETRY, QUEUE, EARLY],
      'deviated',
      'no failover within 7s: level 0, expected level 1, because queue-hides-errors (a.yaml:12): queue-hides-errors says so',
    ],
    [
      'no failover, and nothing in the config says why',
      measured({ failover: missed(1, 0) }),
      [ADVICE],
      'deviated',
      'no failover within 7s: level 0, expected level 1',
    ],
    [
      'the level moved and no data came',
      measured({ failover: missed(1, 1) }),
      [],
      'deviated',
      'no failover within 7s: level 1, but no span arrived there, expected level 1',
    ],
    ['no recovery', measured({ recovery: missed(0, 1) }), [], 'deviated', 'no recovery within 12s: level 1, expected level 0'],
    [
      'moved, and lost: what loses comes first',
      measured({}, 10),
      [QUEUE, EARLY],
      'deviated',
      '10 of 100 acknowledged spans were lost (allowed: 0), because connector-answers-early (a.yaml:5): connector-answers-early says so',
    ],
    [
      'not moved, and lost: the placebo comes first',
      measured({ failover: missed(1, 0) }, 10),
      [EARLY, BATCH],
      'deviated',
      'no failover within 7s: level 0, expected level 1, because batch-hides-errors (a.yaml:20): batch-hides-errors says so',
    ],
    [
      'never steady',
      measured({ steady: false, failover: undefined, recovery: undefined }),
      [],
      'deviated',
      'the steady state did not hold before any fault: spans do not arrive at level 0',
    ],
    [
      'nothing shows the level',
      measured({ steady: false, levels: [], failover: undefined, recovery: undefined }),
      [],
      'unknown',
      'neither the metrics nor the backends show which level is in use',
    ],
  ]
  test.each(cases)('%s', (_, data, findings, verdict, reason) => {
    const outcome = judge(data, EXPERIMENT, findings, IDENTITY)
    expect(outcome).toMatchObject({ verdict, reason })
    expect(isOutcome(outcome)).toBe(true)
  })

  test('what loses data is counted with what was lost', () => {
    const { causes } = judge(measured({}, 10), EXPERIMENT, [QUEUE, BATCH, EARLY], IDENTITY)
    expect(causes.map(({ rule, count }) => [rule, count])).toEqual([
      ['batch-hides-errors', 10],
      ['connector-answers-early', 10],
      ['queue-hides-errors', 0],
    ])
  })
})

describe('a config that does not run', () => {
  const REMOVED = finding('removed-setting', 'refused', 'error', 2)
  test.each([
    [[REMOVED], 'collector 0.163.0 does not start with this config: removed-setting (a.yaml:2): removed-setting says so'],
    [
      [REMOVED, REMOVED, RETRY, QUEUE],
      'collector 0.163.0 does not start with this config: removed-setting (a.yaml:2): removed-setting says so (and 1 more); where it starts, it still does not fail over as meant: queue-hides-errors (a.yaml:12): queue-hides-errors says so',
    ],
    [
      [finding('no-failover-connector', 'advice', 'info', 9)],
      'this config cannot fail over: no-failover-connector (a.yaml:9): no-failover-connector says so',
    ],
  ])('%#', (findings, reason) => {
    const outcome = refusedOutcome(findings, IDENTITY)
    expect(outcome).toMatchObject({ verdict: 'deviated', reason })
    expect(outcome.causes.length).toBeGreaterThan(0)
    expect(isOutcome(outcome)).toBe(true)
  })
})

test('a backend that ended for reasons of its own explains what the config cannot', () => {
  const gone = 'secondary ended, and not by this experiment (process 7 does not run)'
  const outcome = judge(measured({ endedBesides: [gone], notes: [gone] }, 40), EXPERIMENT, [EARLY], IDENTITY)
  expect(outcome).toMatchObject({ verdict: 'deviated', causes: [], notes: [gone] })
  expect(outcome.reason).toBe(`${gone}: 40 of 100 acknowledged spans were lost (allowed: 0)`)
  expect(judge(measured({ endedBesides: [gone] }), EXPERIMENT, [], IDENTITY).verdict).toBe('held')
})

describe('that the last level is remote', () => {
  const backends = [
    { name: 'primary', level: 0 },
    { name: 'secondary', level: 1 },
  ]
  const of = (backend: string, level: number) => {
    const levels = [0, level].map((to, at_s) => ({ at_s, level: to, connector: 'failover', evidence: 'gauge' }))
    const faults = [{ at_s: 1, until_s: 2, kind: 'partial-success', backend }]
    const findings = [finding('last-level-remote', 'loss', 'info', 6)]
    return judge(measured({ levels, faults }, 20), EXPERIMENT, findings, { ...IDENTITY, backends })
  }

  test.each([
    ['secondary', 1],
    ['primary', -1],
  ])('explains a loss where %s failed and level %i was seen', (backend, level) => {
    expect(of(backend, level).reason).toContain('because last-level-remote')
  })

  test('explains none that another level had', () => {
    expect(of('primary', 0)).toMatchObject({ causes: [], reason: '20 of 100 acknowledged spans were lost (allowed: 0)' })
  })
})
