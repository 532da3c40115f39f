import { type Clock, sleep } from '../../core/clock.ts'
import type { Files } from '../../core/host.ts'
import type { Random } from '../../core/random.ts'
import { decodeText } from '../../source/decode-text.ts'
import { readYaml } from '../../source/read-yaml.ts'
import { plain } from '../../source/value.ts'
import type { Provider } from '../discovery.ts'
import { keepAsking } from './keep-asking.ts'
import { readEndpoints } from './read-endpoints.ts'

interface World {
  readonly clock: Clock
  readonly random: Random
  readonly files: Pick<Files, 'read' | 'stamp'>
}

/** A YAML or JSON file with a list of endpoints, looked at every `intervalMs` (2 s) and read when it has changed. */
export function fileProvider(path: string, { clock, random, files }: World, intervalMs = 2_000): Provider {
  return {
    name: `file:${path}`,
    run(report, signal) {
      let seen: string | undefined
      const look = async () => {
        const stamp = await files.stamp(path)
        if (stamp === undefined || stamp !== seen) {
          // Remembered only once it was understood, so that a broken file is told until it is mended.
          const text = decodeText(path, await files.read(path))
          report.found(readEndpoints(plain(readYaml(path, text)), path))
          seen = stamp
        }
        await sleep(clock, intervalMs, signal)
      }
      return keepAsking(look, report, { clock, random }, signal)
    },
  }
}
