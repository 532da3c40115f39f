import { type Clock, sleep } from '../../core/clock.ts'

/** Looks at what has arrived, again and again until it is told to end. A look that fails is made again. */
export async function lookOn(
  backends: readonly { look(): Promise<void> }[],
  everyMs: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    for (const backend of backends) await backend.look().catch(() => {})
    await sleep(clock, everyMs, signal).catch(() => {})
  }
}
