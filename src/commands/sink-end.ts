import { sleep } from '../core/clock.ts'
import { formatDuration } from '../core/duration.ts'
import type { Host } from '../core/host.ts'
import type { Sink } from '../sink/sink.ts'

export interface EndSettings {
  readonly untilQuiet: number | undefined
  readonly duration: number | undefined
  readonly count: number | undefined
  readonly quiet: boolean
}

export interface Ending {
  /** Nothing has come for a while: what is not here is not on its way. */
  readonly isQuiet: boolean
}

const LOOK_EVERY_MS = 50
const SHOW_EVERY_MS = 250
/** A sink that nothing has reached for so long has seen all there is to see, unless --until-quiet asks for more patience. */
const QUIET_MS = 1000
/** Whoever was sent away comes back within the longest pause between a collector's retries (configretry of core 0.161: 30 s and 50 %). */
const QUIET_AFTER_REFUSALS_MS = 45_000

/** Waits for Ctrl-C, or for what the flags call the end, and shows how it goes. */
export async function untilTheEnd(sink: Sink, settings: EndSettings, { clock, terminal, interrupted }: Host): Promise<Ending> {
  const startedAt = clock.now()
  const { untilQuiet, duration = Number.POSITIVE_INFINITY, count = Number.POSITIVE_INFINITY } = settings
  let shownAt = Number.NEGATIVE_INFINITY
  const quietFor = () => clock.now() - (sink.ledger.contactAt ?? startedAt)
  const hasEnded = () =>
    clock.now() - startedAt >= duration ||
    itemsOf(sink) >= count ||
    (untilQuiet !== undefined && sink.ledger.lastAt !== undefined && quietFor() >= untilQuiet)
  while (!interrupted.aborted && !hasEnded()) {
    if (!settings.quiet && clock.now() - shownAt >= SHOW_EVERY_MS) {
      shownAt = clock.now()
      terminal.status(statusText(sink, shownAt - startedAt))
    }
    await sleep(clock, LOOK_EVERY_MS, interrupted).catch(() => {})
  }
  terminal.status('')
  const enough = untilQuiet ?? (sink.ledger.refused.size > 0 ? QUIET_AFTER_REFUSALS_MS : QUIET_MS)
  return { isQuiet: quietFor() >= enough && !sink.delays }
}

const itemsOf = ({ ledger }: Sink): number => Object.values(ledger.tally.items).reduce((sum, items) => sum + items, 0)

const UNITS = { traces: 'spans', metrics: 'points', logs: 'logs' } as const

function statusText({ ledger, faults }: Sink, elapsedMs: number): string {
  const counts = Object.entries(UNITS)
    .map(([signal, unit]) => ({ unit, ...ledger.of(signal as keyof typeof UNITS) }))
    .filter(({ requests }) => requests > 0)
    .map(({ items, unit, requests }) => `${items} ${unit} in ${requests} requests`)
  const witnesses = [...ledger.tally.runs.values()].flatMap(bySignal => Object.values(bySignal))
  const duplicates = witnesses.reduce((sum, { repeated }) => sum + repeated, 0)
  const missing = witnesses.reduce((sum, { seen }) => sum + Math.max(0, seen.highest - seen.size), 0)
  const told = [
    ...(counts.length > 0 ? counts : ['nothing yet']),
    ...(duplicates > 0 ? [`${duplicates} duplicates`] : []),
    ...(missing > 0 ? [`${missing} missing`] : []),
    ...(faults.length > 0 ? [`now: ${faults.join(' ')}`] : []),
  ]
  return `${formatDuration(elapsedMs).padStart(6)}  ${told.join(', ')}`
}
