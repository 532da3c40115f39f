import type { Range } from '../otlp/sequence-set.ts'
import type { Signal } from '../otlp/signal.ts'
import type { Witness } from '../otlp/witness.ts'

/** What the sender of a run says of one signal: the numbers of each fate. */
export interface SentRun {
  readonly run: string
  readonly signal: Signal
  /** The numbers 1 to `sent` were sent. */
  readonly sent: number
  readonly acknowledged: readonly Range[]
  readonly refused: readonly Range[]
  readonly unknown: readonly Range[]
  /** How many of `acknowledged` were not, and nobody knows which. */
  readonly unlisted: number
  /** False: its items do not tell their numbers, so that none can be called missing. */
  readonly numbered: boolean
}

/** How one run stands. Counts are items; ranges are `[from, to]`, both included, and only the first thousand of them. */
export interface RunReport {
  readonly run: string | null
  readonly signal: Signal
  readonly verdict: Verdict
  /** Different items. */
  readonly received: number
  /** Arrivals beyond the first of each. */
  readonly duplicates: number
  readonly duplicate_ranges: readonly Range[]
  readonly highest: number | null
  /** Not here, of those that should be: all up to `expected`, or up to the highest seen, or all that were acknowledged. */
  readonly missing: number
  readonly missing_ranges: readonly Range[]
  readonly expected: number | null
  /** By the sender's own ledger; null where there is none. */
  readonly sender: SenderReport | null
}

export interface SenderReport {
  readonly sent: number
  readonly acknowledged: number
  /** How many of the missing may be items that were never acknowledged: the sender does not list all of those. */
  readonly unlisted: number
  /** False: the items do not tell their numbers, so that none can be called missing. */
  readonly numbered: boolean
  /** Received, and never sent. */
  readonly phantom: number
  readonly phantom_ranges: readonly Range[]
  /** Received, of those that the sender got no answer for, or was told that they were not taken. */
  readonly unknown_received: number
  readonly refused_received: number
}

/**
 * complete: nothing is missing · lost: acknowledged or expected, and not here after a final read · missing: gaps below the
 * highest number, of which nobody has said whether they were acknowledged · unknown: it may still be on its way, or may
 * never have been acknowledged.
 */
export type Verdict = 'complete' | 'lost' | 'missing' | 'unknown'

const MOST_RANGES = 1000

interface Found {
  count: number
  readonly ranges: Range[]
}

function collect(ranges: Iterable<Range>, found: Found = { count: 0, ranges: [] }): Found {
  for (const range of ranges) {
    found.count += range[1] - range[0] + 1
    if (found.ranges.length < MOST_RANGES) found.ranges.push(range)
  }
  return found
}

/** `isFinal`: nothing is on its way any more. `expected`: the numbers 1 to this one should be here. */
export function reconcile(
  run: string | null,
  signal: Signal,
  witness: Witness,
  { sent, expected, isFinal }: { sent: SentRun | undefined; expected: number | undefined; isFinal: boolean },
): RunReport {
  const { seen, again, repeated } = witness
  const isNumbered = sent?.numbered ?? true
  const missing = isNumbered ? missingOf(witness, sent, expected) : { count: 0, ranges: [] }
  const twice = collect(again.ranges())
  return {
    run,
    signal,
    verdict: isNumbered
      ? verdictOf(missing.count, isFinal && missing.count > (sent?.unlisted ?? 0), sent !== undefined || expected !== undefined)
      : 'unknown',
    received: seen.size,
    duplicates: repeated,
    duplicate_ranges: twice.ranges,
    highest: seen.size > 0 ? seen.highest : null,
    missing: missing.count,
    missing_ranges: missing.ranges,
    expected: expected ?? null,
    sender: sent ? senderReport(witness, sent) : null,
  }
}

function missingOf({ seen }: Witness, sent: SentRun | undefined, expected: number | undefined): Found {
  if (!sent) return collect(seen.gaps(1, expected ?? seen.highest))
  const missing: Found = { count: 0, ranges: [] }
  for (const [from, to] of sent.acknowledged) collect(seen.gaps(from, to), missing)
  return missing
}

function verdictOf(missing: number, isFinal: boolean, isTold: boolean): Verdict {
  if (missing === 0) return 'complete'
  if (!isFinal) return 'unknown'
  return isTold ? 'lost' : 'missing'
}

function senderReport({ seen }: Witness, { sent, acknowledged, unknown, refused, unlisted, numbered }: SentRun): SenderReport {
  const phantom: Found = { count: 0, ranges: [] }
  for (const [from, to] of seen.ranges()) if (to > sent) collect([[Math.max(from, sent + 1), to]], phantom)
  const received = (ranges: readonly Range[]) =>
    ranges.reduce((sum, [from, to]) => sum + (to - from + 1) - collect(seen.gaps(from, to)).count, 0)
  return {
    sent,
    acknowledged: collect(acknowledged).count - unlisted,
    unlisted,
    numbered,
    phantom: phantom.count,
    phantom_ranges: phantom.ranges,
    unknown_received: received(unknown),
    refused_received: received(refused),
  }
}
