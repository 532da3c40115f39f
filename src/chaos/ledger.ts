import type { LedgerSummary } from '../model/outcome.ts'
import type { SendLedger } from '../otlp/ledger.ts'
import { ranges, type SequenceSet } from '../otlp/sequence-set.ts'

/** What one backend holds: the different spans of the run, and how many arrivals there were beyond the first of each. */
export interface Holding {
  readonly seen: SequenceSet
  readonly repeated: number
}

/**
 * The sender's answers against what the backends hold. Only spans that were acknowledged can be lost;
 * those that may still wait in a queue (`stillQueued` at most) are not counted as lost.
 */
export function settle(sent: SendLedger, holdings: Readonly<Record<string, Holding>>, stillQueued: number): LedgerSummary {
  const all = Object.values(holdings)
  const arrived = (sequence: number) => all.some(({ seen }) => seen.has(sequence))
  const missing = [...sent.acknowledged].filter(sequence => !arrived(sequence))
  const queued = Math.min(missing.length, stillQueued)
  return {
    sent: sent.sent,
    acknowledged: sent.acknowledged.size,
    refused: sent.refused.size,
    unknown: sent.unknown.size,
    delivered: Object.fromEntries(Object.entries(holdings).map(([name, { seen }]) => [name, seen.size])),
    lost: missing.length - queued,
    duplicated: duplicates(sent.sent, all),
    queued,
    lost_ranges: missing.length > queued ? ranges(missing) : [],
  }
}

function duplicates(sent: number, holdings: readonly Holding[]): number {
  let extra = holdings.reduce((sum, { repeated }) => sum + repeated, 0)
  for (let sequence = 1; sequence <= sent; sequence++) {
    extra += Math.max(0, holdings.filter(({ seen }) => seen.has(sequence)).length - 1)
  }
  return extra
}
