import { formatDuration } from '../core/duration.ts'
import type { Delivery, LedgerSummary, PhaseCount } from '../model/outcome.ts'

const PHASES = { steady: 'before fault', fault: 'during fault', after: 'after fault' } as const

/** The finer points of a count as rows of a table, in the order in which they are asked for; what is nothing is left out. */
export function countedRows({ counted }: LedgerSummary): [name: string, text: string][] {
  if (!counted) return []
  const { phantoms, recovered, phases, delivery, unread, margin } = counted
  const arrived = [
    ...(recovered.refused > 0 ? [`${recovered.refused} that were refused`] : []),
    ...(recovered.unknown > 0 ? [`${recovered.unknown} without an answer`] : []),
  ]
  return [
    ...phases.map((phase): [string, string] => [PHASES[phase.phase], phaseText(phase)]),
    ...(arrived.length > 0 ? [['arrived anyway', arrived.join(', ')] as [string, string]] : []),
    ...(delivery ? [['on their way', deliveryText(delivery)] as [string, string]] : []),
    ...(phantoms > 0 ? [['never sent', `${phantoms} arrived all the same`] as [string, string]] : []),
    ...(margin ? [['counted', `± ${margin.spans}: ${margin.why}`] as [string, string]] : []),
    ...unread.map(({ backend, why }): [string, string] => ['not counted', `${backend} ${why}`]),
  ]
}

function phaseText({ sent, refused, unknown, lost, duplicated }: PhaseCount): string {
  const troubles = [
    ...(refused > 0 ? [`${refused} refused`] : []),
    ...(unknown > 0 ? [`${unknown} without an answer`] : []),
    ...((lost ?? 0) > 0 ? [`${lost} lost`] : []),
    ...(duplicated > 0 ? [`${duplicated} duplicated`] : []),
  ]
  return `${sent} sent${troubles.length > 0 ? `: ${troubles.join(', ')}` : ''}`
}

function deliveryText({ p50_s, p99_s, max_s, noticed_within_s, late, over_s, after_recovery }: Delivery): string {
  const say = (seconds: number) => formatDuration(seconds * 1000)
  const noticed = noticed_within_s > 0 ? ` (arrivals are noticed up to ${say(noticed_within_s)} late)` : ''
  const queued = after_recovery > 0 ? `, ${after_recovery} of them sent during the fault and arrived after it` : ''
  return `half within ${say(p50_s)}, 99 % within ${say(p99_s)}, the last ${say(max_s)}${noticed}${late > 0 ? `; ${late} over ${say(over_s)}${queued}` : ''}`
}
