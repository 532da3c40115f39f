import { sleep } from '../core/clock.ts'
import type { Host } from '../core/host.ts'
import { queuedRequests } from '../metrics/level.ts'
import { Witness } from '../otlp/witness.ts'
import { type CountedHolding, type Holding, isNumbered } from './holding.ts'
import type { LevelProbe } from './probes/level.ts'
import type { Target } from './target.ts'

const QUIET_MS = 1000
const POLL_MS = 100

/** Waits until the collector's queues are empty and the sinks are quiet; answers with the requests that are still queued when time is over. */
export async function drain(withinMs: number, target: Target, probe: LevelProbe, { clock, interrupted }: Host): Promise<number> {
  const until = clock.now() + withinMs
  let [arrivals, quietSince, queued] = [-1, clock.now(), 0]
  while (clock.now() < until) {
    await probe.scrape()
    queued = queuedRequests(probe.samples) ?? 0
    const now = Object.values(await holdingsOf(target)).reduce((sum, holding) => sum + arrivalsOf(holding), 0)
    if (now !== arrivals || queued > 0) [arrivals, quietSince] = [now, clock.now()]
    else if (clock.now() - quietSince >= (target.quietMs ?? QUIET_MS)) return 0
    await sleep(clock, POLL_MS, interrupted)
  }
  return queued
}

/** What every backend holds now, by its name; one that cannot be asked holds nothing, and says why. */
export const holdingsOf = async ({ backends }: Pick<Target, 'backends'>): Promise<Record<string, Holding | CountedHolding>> =>
  Object.fromEntries(
    await Promise.all(backends.map(async backend => [backend.name, await backend.witness().catch(unread)] as const)),
  )

const arrivalsOf = (holding: Holding | CountedHolding) =>
  isNumbered(holding) ? holding.seen.size + holding.repeated : holding.counted

function unread(error: unknown): Holding {
  const { seen, again, repeated } = new Witness()
  return { seen, again, repeated, doubt: `cannot be read: ${error instanceof Error ? error.message : String(error)}` }
}
