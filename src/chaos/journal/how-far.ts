import type { JournalEntry, RunRecord } from './record.ts'

/** Where a run stood when it ended without an outcome. */
export interface HowFar {
  /** Why it ended; undefined: it was killed, or still goes on. */
  readonly why: string | undefined
  /** Seconds from the start of traffic. */
  readonly at_s: number
  /** The last that happened, in a few words. */
  readonly last: string
  /** Faults that were made and not taken back, as far as the journal says: `stop primary`. */
  readonly left: readonly string[]
  readonly level: number | null
  readonly sent: number
  readonly acknowledged: number
  readonly refused: number
  readonly unknown: number
}

/** undefined for a run with an outcome. */
export function howFar({ entries, end }: RunRecord): HowFar | undefined {
  if (end?.kind === 'outcome') return undefined
  const { at_s = 0, level_now = null, sent = 0, acknowledged = 0, refused = 0, unknown = 0 } = entries.at(-1) ?? {}
  const left: string[] = []
  for (const entry of entries) {
    if (entry.kind === 'fault') left.push(nameOf(entry))
    if (entry.kind === 'undone' && left.includes(nameOf(entry))) left.splice(left.indexOf(nameOf(entry)), 1)
  }
  const last = entries.findLast(({ kind }) => kind !== 'sample' && kind !== 'level')
  // A run that ended by itself has undone all; the journal of one that was killed cannot know what was undone after it.
  const undone = end === undefined ? left : []
  return {
    why: end?.why,
    at_s,
    last: last ? happened(last) : 'nothing yet',
    left: undone,
    level: level_now,
    sent,
    acknowledged,
    refused,
    unknown,
  }
}

const nameOf = ({ fault }: Extract<JournalEntry, { kind: 'fault' | 'undone' }>): string => `${fault.kind} ${fault.on}`

/** What an entry says, for a person. */
export function happened(entry: JournalEntry): string {
  switch (entry.kind) {
    case 'traffic-on':
      return 'traffic on'
    case 'steady':
      return entry.reached ? 'steady on level 0' : 'no steady state'
    case 'fault':
      return nameOf(entry)
    case 'undone':
      return `${entry.fault.on} is back`
    case 'level':
      return entry.level < 0 ? 'every level has failed' : `level ${entry.level}`
    case 'transition':
      return entry.transition.reached
        ? `level ${entry.transition.expected} took over`
        : `level ${entry.transition.expected} did not take over`
    case 'check':
      return `${entry.check.name}: ${entry.check.result}`
    case 'draining':
      return 'traffic off, draining'
    case 'drained':
      return 'drained and counted'
    case 'aborted':
      return `ended early: ${entry.why}`
    case 'sample':
      return 'traffic on'
  }
}
