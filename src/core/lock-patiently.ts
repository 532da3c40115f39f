import { sleep } from './clock.ts'
import { FailoverctlError } from './errors.ts'
import type { Host } from './host.ts'

type World = Pick<Host, 'disk' | 'clock' | 'random'>
type Unlock = () => Promise<void>

/** Five to six seconds in all. */
const TURNS = 50

/** Takes a lock that others mostly hold for a moment only. Throws `locked` where one holds it for longer, and the signal's reason. */
export async function lockPatiently(
  path: string,
  what: string | undefined,
  { disk, clock, random }: World,
  signal?: AbortSignal,
): Promise<Unlock> {
  for (let turn = 1; ; turn++) {
    try {
      return await disk.lock(path, what)
    } catch (error) {
      if (!(error instanceof FailoverctlError) || error.code !== 'locked' || turn >= TURNS) throw error
      await sleep(clock, 20 + random() * 180, signal)
    }
  }
}
