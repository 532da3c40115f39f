import type { Counted, Delivery, LedgerSummary, Phase, PhaseCount } from '../model/outcome.ts'
import type { SendLedger } from '../otlp/ledger.ts'
import type { RangeSet } from '../otlp/range-set.ts'
import { type Range, SequenceSet } from '../otlp/sequence-set.ts'
import { type CountedHolding, type Holding, isNumbered } from './holding.ts'
import type { Stretch } from './phases.ts'

const MOST_RANGES = 1000
const PHASES: readonly Phase[] = ['steady', 'fault', 'after']

/** What is known besides the two sides of the count. */
export interface Circumstances {
  readonly stretches: readonly Stretch[]
  readonly delivery: Delivery | null
}

type Holdings = Readonly<Record<string, Holding | CountedHolding>>

/**
 * The sender's answers against what the backends hold. Only spans that were acknowledged can be lost; those that may still wait in
 * a queue (`stillQueued` at most) are not counted as lost. Where a backend only counts, `lost` is a difference with a margin.
 */
export function settle(
  sent: SendLedger,
  holdings: Holdings,
  stillQueued: number,
  { stretches, delivery }: Circumstances = { stretches: [{ phase: 'steady', from: 1, to: sent.sent }], delivery: null },
): LedgerSummary {
  const numbered = Object.values(holdings).filter(isNumbered)
  const arrived = (sequence: number) => {
    for (const { seen } of numbered) if (seen.has(sequence)) return true
    return false
  }
  const missing = new SequenceSet()
  for (const number of sent.acknowledged) if (!arrived(number)) missing.add(number)
  const { spans: elsewhere, margin } = countedOnly(holdings, missing.size, sent)
  const queued = Math.min(missing.size - elsewhere.missing, stillQueued)
  const lost = missing.size - elsewhere.missing - queued
  const twice = moreThanOnce(sent.sent, numbered)
  const phantoms = phantomsIn(numbered, sent.sent)
  const counted: Counted = {
    duplicated_ranges: first(twice.numbers.ranges()),
    phantoms: phantoms.size,
    phantom_ranges: first(phantoms.ranges()),
    recovered: { refused: count(sent.refused, arrived), unknown: count(sent.unknown, arrived) },
    phases: phaseCounts(stretches, sent, margin ? undefined : oldest(missing, lost), twice.numbers),
    delivery,
    unread: unreadIn(holdings, sent),
    margin,
  }
  return {
    sent: sent.sent,
    acknowledged: sent.acknowledged.size,
    refused: sent.refused.size,
    unknown: sent.unknown.size,
    delivered: Object.fromEntries(
      Object.entries(holdings).map(([name, holding]) => [name, isNumbered(holding) ? holding.seen.size : holding.counted]),
    ),
    lost,
    duplicated: twice.extra + elsewhere.beyond,
    queued,
    lost_ranges: lost > 0 && !margin ? first(missing.ranges()) : [],
    counted,
  }
}

/** What backends without numbers account for: spans that no other backend holds, and what they took beyond those. */
function countedOnly(holdings: Holdings, missing: number, sent: SendLedger) {
  const all = Object.entries(holdings).flatMap(([name, holding]) => (isNumbered(holding) ? [] : [{ name, ...holding }]))
  const total = all.reduce((sum, { counted }) => sum + counted, 0)
  const untold = sent.refused.size + sent.unknown.size
  const off = all.reduce((sum, one) => sum + one.off, untold)
  const why = [
    ...all.map(one => `${one.name} ${one.why}`),
    ...(untold > 0 ? [`${untold} spans that were not acknowledged may be among those that were counted`] : []),
  ]
  return {
    spans: { missing: Math.min(missing, total), beyond: Math.max(0, total - missing) },
    margin: all.length > 0 ? { spans: Math.min(off, missing), why: why.join('; ') } : null,
  }
}

function moreThanOnce(sent: number, holdings: readonly Holding[]): { readonly extra: number; readonly numbers: SequenceSet } {
  let extra = holdings.reduce((sum, { repeated }) => sum + repeated, 0)
  const numbers = new SequenceSet()
  for (let sequence = 1; sequence <= sent; sequence++) {
    let [holders, again] = [0, false]
    for (const holding of holdings) {
      if (!holding.seen.has(sequence)) continue
      holders++
      again ||= holding.again.has(sequence)
    }
    extra += Math.max(0, holders - 1)
    if (holders > 1 || again) numbers.add(sequence)
  }
  return { extra, numbers }
}

/** Numbers that were never sent: something has made them up, or has counted wrong. */
function phantomsIn(holdings: readonly Holding[], sent: number): SequenceSet {
  const phantoms = new SequenceSet()
  for (const { seen } of holdings)
    for (const [from, to] of seen.ranges())
      for (let number = Math.max(from, sent + 1); number <= to; number++) phantoms.add(number)
  return phantoms
}

function phaseCounts(
  stretches: readonly Stretch[],
  sent: SendLedger,
  lost: SequenceSet | undefined,
  twice: SequenceSet,
): PhaseCount[] {
  return PHASES.flatMap(phase => {
    const ranges = stretches.filter(stretch => stretch.phase === phase).map(({ from, to }) => [from, to] as const)
    if (ranges.length === 0) return []
    const within = (set: RangeSet | SequenceSet) => overlap(ranges, set)
    return {
      phase,
      ranges: ranges.slice(0, MOST_RANGES),
      sent: ranges.reduce((sum, [from, to]) => sum + to - from + 1, 0),
      acknowledged: within(sent.acknowledged),
      refused: within(sent.refused),
      unknown: within(sent.unknown),
      lost: lost ? within(lost) : null,
      duplicated: within(twice),
    }
  })
}

function unreadIn(holdings: Holdings, sent: SendLedger): { backend: string; why: string }[] {
  const unread = Object.entries(holdings).flatMap(([backend, { doubt }]) => (doubt === undefined ? [] : { backend, why: doubt }))
  const isComplete = [sent.acknowledged, sent.refused, sent.unknown].every(set => set.isComplete)
  return isComplete
    ? unread
    : [...unread, { backend: 'the sender', why: 'had too many separate answers to keep them one by one' }]
}

/** How many numbers the ranges and the set share; both rise. */
function overlap(ranges: readonly Range[], set: RangeSet | SequenceSet): number {
  let [shared, index] = [0, 0]
  for (const [from, to] of set.ranges()) {
    while (index < ranges.length && (ranges[index] as Range)[1] < from) index++
    for (let at = index; at < ranges.length && (ranges[at] as Range)[0] <= to; at++) {
      const range = ranges[at] as Range
      shared += Math.min(to, range[1]) - Math.max(from, range[0]) + 1
    }
  }
  return shared
}

function oldest(numbers: SequenceSet, size: number): SequenceSet {
  const kept = new SequenceSet()
  for (const number of numbers) {
    if (kept.size === size) break
    kept.add(number)
  }
  return kept
}

function count(numbers: Iterable<number>, holds: (number: number) => boolean): number {
  let found = 0
  for (const number of numbers) if (holds(number)) found++
  return found
}

function first(ranges: Iterable<Range>): Range[] {
  const found: Range[] = []
  for (const range of ranges) {
    if (found.length === MOST_RANGES) break
    found.push(range)
  }
  return found
}
