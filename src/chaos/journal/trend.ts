import type { Figures, Spread } from '../../experiment/figures.ts'
import { spreadOf } from '../../experiment/spread.ts'
import type { Outcome } from '../../model/outcome.ts'
import { howFar } from './how-far.ts'
import type { RunRecord } from './record.ts'

/** One run among several. Times in seconds, counts in spans; null where the run did not get so far. */
export interface TrendRun {
  readonly file: string
  readonly started: string
  readonly run: string
  readonly target: string
  readonly config: string
  /** `unfinished`: killed, interrupted, or ended by an error. */
  readonly verdict: Outcome['verdict'] | 'unfinished'
  readonly reason: string
  readonly failover_time_s: number | null
  readonly recovery_time_s: number | null
  readonly acknowledged: number
  readonly lost: number | null
  readonly duplicated: number | null
}

/** Several runs, oldest first, and how their times are spread. */
export interface Trend {
  readonly runs: readonly TrendRun[]
  readonly count: Readonly<Record<TrendRun['verdict'], number>>
  /** Over the runs with an outcome. */
  readonly failover_time_s: Spread
  readonly recovery_time_s: Spread
}

/** What several journals say together. */
export function trendOf(records: readonly RunRecord[]): Trend {
  const runs = records.map(trendRun).sort((a, b) => (a.started < b.started ? -1 : a.started > b.started ? 1 : 0))
  const count = (verdict: TrendRun['verdict']) => runs.filter(run => run.verdict === verdict).length
  const spread = spreadOf(records.flatMap(({ end }) => (end?.kind === 'outcome' ? figuresOf(end.outcome) : [])))
  return {
    runs,
    count: {
      held: count('held'),
      deviated: count('deviated'),
      unknown: count('unknown'),
      unfinished: count('unfinished'),
    },
    failover_time_s: spread.failover_time,
    recovery_time_s: spread.recovery_time,
  }
}

function trendRun(record: RunRecord): TrendRun {
  const { file, header, end } = record
  const { started, run, target, config } = header
  const which = { file, started, run, target, config }
  if (end?.kind === 'outcome') {
    const { verdict, reason, failover_time_s, recovery_time_s, ledger } = end.outcome
    const { acknowledged, lost, duplicated } = ledger
    return { ...which, verdict, reason, failover_time_s, recovery_time_s, acknowledged, lost, duplicated }
  }
  const { acknowledged = 0, at_s = 0, last = '', why } = howFar(record) ?? {}
  const reason = `${why ?? 'the journal is cut off'}; it came to ${at_s.toFixed(1)} s: ${last}`
  const none = { failover_time_s: null, recovery_time_s: null, lost: null, duplicated: null }
  return { ...which, verdict: 'unfinished', reason, acknowledged, ...none }
}

const figuresOf = ({ seed, verdict, failover_time_s, recovery_time_s, ledger }: Outcome): Figures => {
  const { sent, acknowledged, refused, unknown, lost, duplicated, queued } = ledger
  const counts = { sent, acknowledged, refused, unknown, lost, duplicated, queued, peak_queue: 0 }
  return { seed, verdict, failover_time: failover_time_s, recovery_time: recovery_time_s, ...counts }
}
