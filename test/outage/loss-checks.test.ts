import { expect, test } from 'vitest'
import type { Counted, LedgerSummary } from '../../src/model/outcome.ts'
import { judge } from '../../src/outage/judge.ts'
import { lossChecks } from '../../src/outage/loss-checks.ts'
import type { Measured } from '../../src/outage/measured.ts'

const ALLOWED = { failoverWithinMs: 3000, recoverWithinMs: 6000, maxLost: 2 }
const COUNTED: Counted = {
  duplicated_ranges: [],
  phantoms: 0,
  phantom_ranges: [],
  recovered: { refused: 0, unknown: 0 },
  phases: [],
  delivery: null,
  unread: [],
  margin: null,
}
const UNREAD = [{ backend: 'primary', why: 'has no primary.jsonl' }]
const NO_NUMBERS = 'has counters and nothing else'

const run = (ledger: Partial<LedgerSummary>, counted: Partial<Counted> = {}): Measured => {
  const base = {
    sent: 9,
    acknowledged: 9,
    refused: 0,
    unknown: 0,
    delivered: {},
    lost: 0,
    duplicated: 0,
    queued: 0,
    lost_ranges: [],
  }
  const moved = (expected: number) => ({ expected, level: expected, reached: true, time_s: 0.1, interval_s: null })
  return {
    levels: [{ at_s: 0, level: 0, connector: 'failover', evidence: 'a_gauge' }],
    faults: [],
    steady: true,
    failover: moved(1),
    recovery: moved(0),
    ledger: { ...base, ...ledger, counted: { ...COUNTED, ...counted } },
  }
}
const IDENTITY = { target: '', config: '', collector_version: '', seed: 1, run: '00000000000000ab', notes: [], backends: [] }

test.each<[what: string, measured: Measured, results: string[], verdict: string, reason: RegExp]>([
  ['all arrived', run({}), ['held', 'held', 'held'], 'held', /nothing lost/],
  ['lost, as allowed', run({ lost: 2 }), ['held', 'held', 'held'], 'held', /2 lost, as allowed/],
  ['lost', run({ lost: 3 }), ['deviated', 'held', 'held'], 'deviated', /^3 of 9 acknowledged spans were lost \(allowed: 2\)$/],
  [
    'not there, and a backend was not read',
    run({ lost: 3 }, { unread: UNREAD }),
    ['unknown', 'held', 'unknown'],
    'unknown',
    /^3 of 9 acknowledged spans are not there, and may not be lost: primary has no primary.jsonl$/,
  ],
  [
    'all there, and a backend was not read',
    run({}, { unread: UNREAD }),
    ['held', 'held', 'unknown'],
    'unknown',
    /^not everything could be counted: primary has no primary.jsonl$/,
  ],
  [
    'phantoms',
    run({}, { phantoms: 4, phantom_ranges: [[10, 13]] }),
    ['held', 'deviated', 'held'],
    'deviated',
    /^4 spans arrived that were never sent$/,
  ],
  [
    'phantoms, and a backend was not read: what is certain counts first',
    run({}, { phantoms: 4, phantom_ranges: [[10, 13]], unread: UNREAD }),
    ['held', 'deviated', 'unknown'],
    'deviated',
    /never sent/,
  ],
  [
    'a margin that reaches beyond what is allowed',
    run({ lost: 1 }, { margin: { spans: 2, why: NO_NUMBERS } }),
    ['unknown', 'held', 'held'],
    'unknown',
    /^1 ± 2 of 9 acknowledged spans were lost \(allowed: 2\): has counters and nothing else$/,
  ],
  ['a margin within it', run({ lost: 1 }, { margin: { spans: 1, why: NO_NUMBERS } }), ['held', 'held', 'held'], 'held', /1 lost/],
  [
    'more than the margin',
    run({ lost: 5 }, { margin: { spans: 2, why: NO_NUMBERS } }),
    ['deviated', 'held', 'held'],
    'deviated',
    /^5 of 9/,
  ],
  ['nothing acknowledged', run({ acknowledged: 0 }), ['unknown', 'held', 'held'], 'unknown', /there was nothing to lose/],
])('%s', (_, measured, results, verdict, reason) => {
  expect(lossChecks(measured, ALLOWED).map(({ result }) => result)).toEqual(results)
  const outcome = judge(measured, ALLOWED, [], IDENTITY)
  expect(outcome.verdict).toBe(verdict)
  expect(outcome.reason).toMatch(reason)
})

test('a computed outage, which counts nothing at backends, has one check', () => {
  const { counted, ...ledger } = run({}).ledger
  expect(lossChecks({ ...run({}), ledger }, ALLOWED).map(({ name }) => name)).toEqual(['nothing lost'])
})
