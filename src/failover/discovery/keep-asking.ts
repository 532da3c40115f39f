import { type Clock, sleep } from '../../core/clock.ts'
import type { Random } from '../../core/random.ts'
import type { Report } from '../discovery.ts'
import { backoffMs } from '../retry.ts'

const BACKOFF = { tries: 0, baseMs: 1000, factor: 2, maxMs: 30_000, jitter: 'full', repeat: 'always' } as const

/** The other side said no, or nothing sensible. `afterMs` is how long it wants to be left alone. */
export class AskFailed extends Error {
  readonly afterMs: number
  /** The credentials were not taken. */
  readonly unknownCaller: boolean

  constructor(reason: string, afterMs = 0, unknownCaller = false) {
    super(reason)
    this.afterMs = afterMs
    this.unknownCaller = unknownCaller
  }
}

/** Asks again and again; after a failure it tells the reason and waits, longer each time one follows soon. Ends when the signal aborts. */
export async function keepAsking(
  ask: () => Promise<void>,
  report: Report,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
  signal: AbortSignal,
): Promise<void> {
  for (let failures = 0; !signal.aborted; ) {
    const startedAt = clock.now()
    try {
      await ask()
      failures = 0
    } catch (error) {
      if (signal.aborted) return
      // A watch that was cut off after a while had worked until then: the next failure is a first one.
      if (clock.now() - startedAt >= BACKOFF.maxMs) failures = 0
      report.failed(error instanceof Error ? error.message : String(error))
      // Half of the wait is certain: a provider that is down is not asked in a rush.
      const floorMs = Math.max(500, error instanceof AskFailed ? error.afterMs : 0)
      await sleep(clock, backoffMs(++failures, BACKOFF, random, floorMs), signal).catch(() => {})
    }
  }
}
