import { Histogram } from '../core/histogram.ts'
import type { SendSummary, SignalSummary } from '../formats/send-text.ts'
import { redactUrl } from '../otlp/destination.ts'
import type { SendLedger } from '../otlp/ledger.ts'
import type { RangeSet } from '../otlp/range-set.ts'
import type { Lane, Sent } from '../otlp/sender.ts'
import type { Range } from '../otlp/sequence-set.ts'
import type { SendPlan } from './send-plan.ts'

/** More than a person reads; a run that loses them all one by one has no end of them. */
const MOST_RANGES = 1000

export function summarize({ lanes, kindOfIds }: SendPlan, { late }: Sent, run: string, elapsedMs: number): SendSummary {
  const total = (count: (ledger: SendLedger) => number) => lanes.reduce((sum, { ledger }) => sum + count(ledger), 0)
  const sent = total(ledger => ledger.sent)
  const latency = new Histogram()
  for (const { ledger } of lanes) latency.merge(ledger.latency)
  return {
    run,
    ids: kindOfIds,
    protocol: lanes[0]?.endpoints[0]?.protocol ?? '',
    elapsed_s: Math.round(elapsedMs) / 1000,
    sent,
    acknowledged: total(ledger => ledger.acknowledged.size),
    refused: total(ledger => ledger.refused.size),
    unknown: total(ledger => ledger.unknown.size),
    rejected: total(ledger => ledger.rejected),
    not_sent: late,
    reasons: reasonsOf(lanes),
    requests: total(ledger => ledger.requests),
    bytes: total(ledger => ledger.bytes),
    items_per_second: Math.round((sent / Math.max(elapsedMs, 1)) * 10_000) / 10,
    latency_ms: {
      p50: rounded(latency.percentile(0.5)),
      p90: rounded(latency.percentile(0.9)),
      p99: rounded(latency.percentile(0.99)),
      p99_9: rounded(latency.percentile(0.999)),
      max: rounded(latency.max),
    },
    signals: lanes.map(signalSummary),
  }
}

const signalSummary = ({ source, endpoints, ledger }: Lane): SignalSummary => ({
  signal: source.signal,
  endpoints: endpoints.map(({ url }, index) => ({ url: redactUrl(url), acknowledged: ledger.acknowledgedBy[index] ?? 0 })),
  sent: ledger.sent,
  acknowledged: ledger.acknowledged.size,
  refused: ledger.refused.size,
  unknown: ledger.unknown.size,
  rejected: ledger.rejected,
  refused_ranges: firstOf(ledger.refused),
  unknown_ranges: firstOf(ledger.unknown),
})

function firstOf(set: RangeSet): Range[] {
  const found: Range[] = []
  for (const range of set.ranges()) {
    if (found.length === MOST_RANGES) break
    found.push(range)
  }
  return found
}

function reasonsOf(lanes: readonly Lane[]): Record<string, number> {
  const reasons = new Map<string, number>()
  for (const { ledger } of lanes)
    for (const [reason, count] of ledger.reasons) reasons.set(reason, (reasons.get(reason) ?? 0) + count)
  return Object.fromEntries(reasons)
}

const rounded = (ms: number): number => Math.round(ms * 100) / 100
