import { SIGNALS, type Signal } from '../otlp/signal.ts'
import { Witness } from '../otlp/witness.ts'
import type { Ledger } from './ledger.ts'
import { type RunReport, reconcile, type SentRun, type Verdict } from './reconcile.ts'

/** What a sink has to say at its end. Times are seconds from its start; bytes are unpacked. */
export interface SinkSummary {
  /** The worst of its runs; null when it counted none and none was expected. */
  readonly verdict: Verdict | null
  readonly reason: string
  readonly listening: { readonly http: string | null; readonly grpc: string | null }
  readonly elapsed_s: number
  readonly first_s: number | null
  readonly last_s: number | null
  readonly signals: Readonly<Record<Signal, SignalSummary>>
  /** Requests that were not taken, by HTTP status or `reset`. */
  readonly refused_requests: Readonly<Record<string, number>>
  readonly malformed_requests: number
  /** Still without an answer at the end. */
  readonly waiting_requests: number
  readonly runs: readonly RunReport[]
}

export interface SignalSummary {
  readonly requests: number
  /** Spans, data points or log records; null when they were not counted. */
  readonly items: number | null
  /** Of no run. */
  readonly foreign: number | null
  readonly bytes: number
  /** Between the first request of all signals and the last. */
  readonly items_per_second: number | null
}

export interface SinkEnd {
  readonly listening: SinkSummary['listening']
  readonly startedAt: number
  readonly now: number
  /** Nothing came for long enough that nothing is on its way. */
  readonly isQuiet: boolean
  readonly counts: boolean
  readonly expected: number | undefined
  readonly sent: readonly SentRun[]
}

const SECOND = 1000
const ALL = Object.keys(SIGNALS) as Signal[]

export function summarize(ledger: Ledger, end: SinkEnd): SinkSummary {
  const seconds = (at: number) => Math.round(at - end.startedAt) / SECOND
  const isFinal = end.isQuiet && ledger.waiting === 0
  const runs = end.counts ? runsOf(ledger, end, isFinal) : []
  const verdict = worst(runs)
  return {
    verdict,
    reason: reasonOf(verdict, runs, ledger, end),
    listening: end.listening,
    elapsed_s: seconds(end.now),
    first_s: ledger.firstAt === undefined ? null : seconds(ledger.firstAt),
    last_s: ledger.lastAt === undefined ? null : seconds(ledger.lastAt),
    signals: Object.fromEntries(ALL.map(signal => [signal, signalSummary(ledger, signal, end.counts)])) as Record<
      Signal,
      SignalSummary
    >,
    refused_requests: Object.fromEntries(
      [...ledger.refused].map(([status, count]) => [status === 0 ? 'reset' : String(status), count]),
    ),
    malformed_requests: ledger.malformed,
    waiting_requests: ledger.waiting,
    runs,
  }
}

function signalSummary(ledger: Ledger, signal: Signal, counts: boolean): SignalSummary {
  const { requests, items, bytes } = ledger.of(signal)
  if (!counts) return { requests, items: null, foreign: null, bytes, items_per_second: null }
  const spanMs = (ledger.lastAt ?? 0) - (ledger.firstAt ?? 0)
  const items_per_second = spanMs > 0 ? Math.round((items / spanMs) * SECOND) : null
  return { requests, items, foreign: ledger.tally.foreign[signal], bytes, items_per_second }
}

function runsOf(ledger: Ledger, { sent, expected }: SinkEnd, isFinal: boolean): RunReport[] {
  const report = (run: string | null, signal: Signal, witness: Witness) => {
    const told = sent.find(each => each.run === run && each.signal === signal)
    // A number that is expected is meant for the run that nobody has told more of.
    return reconcile(run, signal, witness, { sent: told, expected: told ? undefined : expected, isFinal })
  }
  const seen = [...ledger.tally.runs].flatMap(([run, witnesses]) =>
    ALL.filter(signal => witnesses[signal].seen.size > 0).map(signal => report(run, signal, witnesses[signal])),
  )
  const unseen = sent.filter(({ run, signal }) => !seen.some(each => each.run === run && each.signal === signal))
  const nothing = seen.length === 0 && unseen.length === 0 && expected !== undefined
  return [
    ...seen,
    ...unseen.map(({ run, signal }) => report(run, signal, new Witness())),
    ...(nothing ? [report(null, 'traces', new Witness())] : []),
  ]
}

const SEVERITY: readonly Verdict[] = ['complete', 'unknown', 'missing', 'lost']

const worst = (runs: readonly RunReport[]): Verdict | null =>
  runs.map(({ verdict }) => verdict).sort((a, b) => SEVERITY.indexOf(b) - SEVERITY.indexOf(a))[0] ?? null

function reasonOf(verdict: Verdict | null, runs: readonly RunReport[], ledger: Ledger, { isQuiet, counts }: SinkEnd): string {
  const missing = runs.reduce((sum, each) => sum + each.missing, 0)
  const lost = runs.reduce((sum, { missing, sender }) => sum + Math.max(0, missing - (sender?.unlisted ?? 0)), 0)
  switch (verdict) {
    case null:
      return counts ? 'no run of failoverctl send has arrived' : 'the items were not counted'
    case 'complete':
      return 'all that should be here has arrived'
    case 'lost':
      return `${lost < missing ? 'at least ' : ''}${lost} ${runs.some(({ sender }) => sender) ? 'were acknowledged' : 'were expected'}, and are not here`
    case 'missing':
      return `${missing} are missing below the highest number; --expect-from says whether they were acknowledged`
    case 'unknown':
      return missing === 0 ? UNNUMBERED : `${missing} are not here, and ${doubt(ledger, isQuiet)}`
  }
}

const UNNUMBERED =
  'the items do not tell their numbers, as they were sent with --ids random or by --from without --ids run: compare the totals'

function doubt({ waiting }: Ledger, isQuiet: boolean): string {
  if (!isQuiet) return 'may be on their way: the sink was not quiet at its end, or had sent somebody away'
  if (waiting > 0) return `may be among the ${waiting} requests that still have no answer`
  return 'may never have been acknowledged: the sender does not list all that were not'
}
