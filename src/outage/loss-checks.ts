import type { Check, LedgerSummary } from '../model/outcome.ts'
import type { Expectation, Measured } from './measured.ts'

/** What the count has to say: whether spans were lost, whether some were made up, and whether it can be trusted. */
export function lossChecks({ ledger, steady }: Measured, { maxLost }: Expectation): Check[] {
  const loss = lossCheck(ledger, steady, maxLost)
  if (!ledger.counted) return [loss]
  return [loss, phantomCheck(ledger), finalReadCheck(ledger)]
}

const BASE = { at_s: null, took_s: null }
const EVIDENCE = 'what the backends hold after the drain'

function lossCheck(ledger: LedgerSummary, steady: boolean, maxLost: number): Check {
  const { lost, acknowledged, counted } = ledger
  const expected = maxLost === 0 ? 'no acknowledged span is lost' : `at most ${maxLost} acknowledged spans are lost`
  const base = { ...BASE, name: 'nothing lost', expected }
  if (!steady) return { ...base, result: 'skipped', observed: 'not judged: there was no fault', evidence: '' }
  if (counted && acknowledged === 0)
    return { ...base, result: 'unknown', observed: 'no span was acknowledged: there was nothing to lose', evidence: EVIDENCE }
  const { margin, unread = [] } = counted ?? {}
  const off = margin?.spans ?? 0
  const tooMany = lost - off > maxLost
  // What a backend that was not read to its end may hold is not lost for certain.
  const uncertain = tooMany ? unread.length > 0 : lost + off > maxLost
  return {
    ...base,
    result: uncertain ? 'unknown' : tooMany ? 'deviated' : 'held',
    observed: `${lost}${margin ? ` ± ${off}` : ''} of ${acknowledged} lost`,
    evidence: margin ? `${EVIDENCE}; ${margin.why}` : EVIDENCE,
  }
}

function phantomCheck({ counted }: LedgerSummary): Check {
  const { phantoms = 0, phantom_ranges = [] } = counted ?? {}
  const [from] = phantom_ranges[0] ?? []
  return {
    ...BASE,
    name: 'nothing made up',
    result: phantoms > 0 ? 'deviated' : 'held',
    expected: 'no span arrives that was never sent',
    observed: phantoms > 0 ? `${phantoms} arrived that were never sent, from number ${from} on` : 'none',
    evidence: EVIDENCE,
  }
}

function finalReadCheck({ counted }: LedgerSummary): Check {
  const unread = counted?.unread ?? []
  return {
    ...BASE,
    name: 'everything counted',
    result: unread.length > 0 ? 'unknown' : 'held',
    expected: 'every backend tells all that it holds',
    observed: unread.length > 0 ? unread.map(({ backend, why }) => `${backend} ${why}`).join('; ') : 'read to the end',
    evidence: EVIDENCE,
  }
}

/** Why the count does not hold, as a sentence. */
export function lossReason({ lost, acknowledged, counted }: LedgerSummary, { maxLost }: Expectation): string {
  const { margin, unread = [], phantoms = 0 } = counted ?? {}
  const untold = unread.map(({ backend, why }) => `${backend} ${why}`).join('; ')
  const sure = lost - (margin?.spans ?? 0) > maxLost
  if (sure && unread.length > 0)
    return `${lost} of ${acknowledged} acknowledged spans are not there, and may not be lost: ${untold}`
  if (sure) return `${lost} of ${acknowledged} acknowledged spans were lost (allowed: ${maxLost})`
  if (phantoms > 0) return `${phantoms} spans arrived that were never sent`
  if (margin && lost + margin.spans > maxLost)
    return `${lost} ± ${margin.spans} of ${acknowledged} acknowledged spans were lost (allowed: ${maxLost}): ${margin.why}`
  if (unread.length > 0) return `not everything could be counted: ${untold}`
  return 'no span was acknowledged: there was nothing to lose'
}
