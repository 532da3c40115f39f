import type { Clock } from '../core/clock.ts'
import type { Files, Network } from '../core/host.ts'
import type { Random } from '../core/random.ts'
import type { Tools } from '../core/tools.ts'
import { realClock } from './clock.ts'
import { realFiles } from './files.ts'
import { lazyNetwork } from './network.ts'
import { environment, random } from './process.ts'
import { realTools } from './tools.ts'

/** What the failover engine takes from the world, for a program of one's own. `network.close()` ends what it keeps open. */
export function nodeWorld(): {
  readonly clock: Clock
  readonly random: Random
  readonly env: Readonly<Record<string, string | undefined>>
  readonly files: Files
  readonly network: Network
  readonly tools: Tools
} {
  return { clock: realClock, random, env: environment(), files: realFiles, network: lazyNetwork(), tools: realTools }
}
