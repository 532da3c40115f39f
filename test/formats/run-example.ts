import { JOURNAL_VERSION, type JournalHeader, type RunRecord } from '../../src/chaos/journal/record.ts'
import { trendOf } from '../../src/chaos/journal/trend.ts'
import type { Counted } from '../../src/model/outcome.ts'
import { HELD } from './outcome-example.ts'

/** Everything that a count can have to say at once. */
export const COUNTED: Counted = {
  duplicated_ranges: [[4, 5]],
  phantoms: 2,
  phantom_ranges: [[900, 901]],
  recovered: { refused: 3, unknown: 1 },
  phases: [
    { phase: 'steady', ranges: [[1, 100]], sent: 100, acknowledged: 100, refused: 0, unknown: 0, lost: 0, duplicated: 2 },
    { phase: 'fault', ranges: [[101, 300]], sent: 200, acknowledged: 190, refused: 8, unknown: 2, lost: 6, duplicated: 0 },
    { phase: 'after', ranges: [[301, 760]], sent: 460, acknowledged: 460, refused: 0, unknown: 0, lost: null, duplicated: 0 },
  ],
  delivery: { p50_s: 0.02, p95_s: 0.1, p99_s: 4, max_s: 7, noticed_within_s: 1.1, late: 12, over_s: 2.1, after_recovery: 9 },
  unread: [{ backend: 'secondary', why: 'has no file secondary.jsonl' }],
  margin: { spans: 11, why: 'primary is counted by its own metrics' },
}

export const HEADER: JournalHeader = {
  kind: 'header',
  journal: JOURNAL_VERSION,
  started: '2026-11-20T09:00:00Z',
  started_ms: 1_795_165_200_000,
  failoverctl: '0.0.0',
  run: HELD.run,
  seed: 7,
  target: HELD.target,
  config: HELD.config,
  collector_version: HELD.collector_version,
  by: { user: 'sre', host: null, job: null },
  experiment: { faults: [{ kind: 'stop', on: 'primary' }] } as unknown as JournalHeader['experiment'],
}

const record = (day: number, end: RunRecord['end']): RunRecord => ({
  file: `journals/${day}.jsonl`,
  header: { ...HEADER, started: `2026-11-${day}T09:00:00Z`, run: `${day}`.padStart(16, '0') },
  entries: [],
  end,
})

/** Three weeks of nightly runs: most hold, some do not, one was killed. */
export const RECORDS: readonly RunRecord[] = Array.from({ length: 20 }, (_, index) => {
  const outcome = { ...HELD, failover_time_s: 0.01 * (1 + (index % 4)), recovery_time_s: index === 7 ? null : 5 + (index % 3) }
  if (index === 11) return record(10 + index, undefined)
  const verdict = index === 7 ? 'deviated' : index === 15 ? 'unknown' : 'held'
  const ledger = { ...HELD.ledger, lost: index === 7 ? 1250 : 0 }
  return record(10 + index, { kind: 'outcome', outcome: { ...outcome, verdict, ledger }, series: null, given: [] })
})

export const TREND = trendOf(RECORDS)
