import type { Version } from '../collector/versions.ts'
import type { Host } from '../core/host.ts'
import { painterFor } from '../core/paint.ts'
import { drawSeed } from '../core/random.ts'
import type { Wish } from '../experiment/wish.ts'
import { sweepJson } from '../formats/sweep-json.ts'
import { sweepText } from '../formats/sweep-text.ts'
import { bestOf, type Choice, choicesOf, type Dimension, overlayOf, settingsOf, type Tried } from '../simulate/sweep.ts'
import type { Data, Path } from '../source/change.ts'
import { plain } from '../source/value.ts'
import { checkConfig } from '../validate/check.ts'
import { computeOutage } from './compute-outage.ts'
import { configName } from './config-name.ts'
import { readingOnce } from './reading-once.ts'
import { computedPage, writePage } from './write-page.ts'
import { writablePaths, writeSettings } from './write-settings.ts'

export interface Sweep {
  /** Merged, in this order. */
  readonly locations: readonly string[]
  readonly wish: Wish
  readonly dimensions: readonly Dimension[]
  readonly version: Version
  /** The best choice goes into the config. */
  readonly write: boolean
  readonly html: string | undefined
  readonly json: boolean
}

/** Computes the outage with every choice, tells which is best, and writes that one where asked; exit code 1 when none is good. */
export async function sweep(asked: Sweep, host: Host): Promise<number> {
  const { locations, dimensions, write, html, json } = asked
  if (write) writablePaths(locations)
  const { settings, tried } = await tryAll(asked, readingOnce(host))
  const best = bestOf(tried)
  host.terminal.out(
    json ? sweepJson(dimensions, tried, best) : sweepText(dimensions, tried, best, painterFor(host.terminal.colour.out)),
  )
  if (!best) return 1
  const title = `failoverctl simulate ${configName(locations)}: ${best.choice.join(', ')}`
  if (best.simulation) await writePage(html, title, [computedPage(best.simulation)], host)
  if (write) await writeSettings(locations, chosen(settings, best.choice), host)
  return 0
}

/** Every choice meets the same outage with the same seeds, so that only the settings make the difference. */
async function tryAll(
  { locations, wish, dimensions, version }: Sweep,
  host: Host,
): Promise<{ readonly settings: readonly (readonly Path[])[]; readonly tried: readonly Tried[] }> {
  const seeded = { ...wish, seed: wish.seed ?? drawSeed(host.random) }
  const { graph } = await checkConfig(locations, version, host)
  const settings = dimensions.map(dimension => settingsOf(dimension, plain(graph.root) as Data))
  const choices = choicesOf(dimensions)
  const tried: Tried[] = []
  for (const choice of choices) {
    host.terminal.status(`${tried.length} of ${choices.length} computed, now ${choice.join(', ')}`)
    const overlaid = [...locations, overlayOf(settings, choice)]
    const computed = await computeOutage(overlaid, seeded, version, host, configName(locations))
    tried.push(
      'refused' in computed
        ? { choice, refusal: computed.refused.reason, simulation: undefined }
        : { choice, refusal: undefined, ...computed },
    )
  }
  host.terminal.status('')
  return { settings, tried }
}

const chosen = (settings: readonly (readonly Path[])[], choice: Choice) =>
  settings.flatMap((paths, index) => paths.map(path => ({ path, value: choice[index] as string })))
