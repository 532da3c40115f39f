import { Histogram } from '../core/histogram.ts'
import { RangeSet } from './range-set.ts'
import type { Verdict } from './reply.ts'

/** A server that writes the time into its errors must not fill the memory. */
const MOST_REASONS = 50
const FURTHER_REASONS = 'further reasons'

/**
 * What became of every item of one signal, by sequence number from 1. An item is in exactly one of the three sets once its request
 * has its answer.
 */
export interface SendLedger {
  /** Items. */
  sent: number
  requests: number
  /** Of the bodies, before compression. */
  bytes: number
  readonly acknowledged: RangeSet
  /** The sender was told that it was not taken: it can send again, or knows that it cannot. */
  readonly refused: RangeSet
  /** Sent without an answer, or in a request of which the server rejected a part: may or may not have arrived. */
  readonly unknown: RangeSet
  /** Items that each endpoint acknowledged, by its place in the list. */
  readonly acknowledgedBy: number[]
  /** Items that partial successes rejected: nobody knows which, unless it was all of a request. */
  rejected: number
  /** Why items were not acknowledged, with their number. */
  readonly reasons: Map<string, number>
  /** From the instant at which a request was due to its answer, so that a slow server cannot hide behind a late send. */
  readonly latency: Histogram
}

export const emptyLedger = (): SendLedger => ({
  sent: 0,
  requests: 0,
  bytes: 0,
  acknowledged: new RangeSet(),
  refused: new RangeSet(),
  unknown: new RangeSet(),
  acknowledgedBy: [],
  rejected: 0,
  reasons: new Map(),
  latency: new Histogram(),
})

/** Enters the answer of an endpoint to the request that held `count` items from number `first` on. */
export function enter(ledger: SendLedger, first: number, count: number, verdict: Verdict, endpoint: number): void {
  const rejected = verdict.kind === 'accepted' ? Math.min(verdict.rejected, count) : 0
  ledger.rejected += rejected
  ledger[fateOf(verdict, rejected, count)].add(first, first + count - 1)
  if (verdict.kind === 'accepted' && rejected === 0) {
    ledger.acknowledgedBy[endpoint] = (ledger.acknowledgedBy[endpoint] ?? 0) + count
    return
  }
  const reason = verdict.kind === 'accepted' ? 'partial success' : verdict.reason
  const known = ledger.reasons.has(reason) || ledger.reasons.size < MOST_REASONS ? reason : FURTHER_REASONS
  ledger.reasons.set(known, (ledger.reasons.get(known) ?? 0) + count)
}

function fateOf(verdict: Verdict, rejected: number, count: number): 'acknowledged' | 'refused' | 'unknown' {
  if (verdict.kind === 'unknown') return 'unknown'
  if (verdict.kind !== 'accepted' || rejected === count) return 'refused'
  return rejected === 0 ? 'acknowledged' : 'unknown'
}
