import { Command } from 'commander'
import type { Version } from '../collector/versions.ts'
import { FailoverctlError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { painterFor } from '../core/paint.ts'
import { drawSeed } from '../core/random.ts'
import { compareText } from '../formats/compare-text.ts'
import { json } from '../formats/json.ts'
import { outcomeText } from '../formats/outcome-text.ts'
import { isFine, type Simulation } from '../simulate/result.ts'
import { computeOutage } from './compute-outage.ts'
import { collectorVersionOption, htmlOption, jsonOption, projectOption } from './flags.ts'
import { type OutageOptions, readExperimentFile, wishOf, withOutageFlags } from './outage-flags.ts'
import { computedPage, writePage } from './write-page.ts'

export interface CompareOptions extends OutageOptions {
  readonly collectorVersion: Version
  readonly html?: string
  readonly json: boolean
}

// Flags end here …
export const compareCommand = (host: Host, done: (exit: number) => void): Command =>
  withOutageFlags(
    new Command('compare')
      .description('Compute the same outage on several configs, and lay the results side by side.')
      .argument('<configs...>', 'two collector configs or more, each by itself'),
  )
    .addOption(htmlOption())
    .addOption(collectorVersionOption())
    .addOption(jsonOption())
    .addOption(projectOption())
    .addHelpText('after', EXAMPLES)
    .action(async (configs: string[], options: CompareOptions) => done(await compare(configs, options, host)))

const EXAMPLES = `
  failoverctl compare before.yaml after.yaml --outage level0
  failoverctl compare before.yaml after.yaml --hang level0 --runs 100 --assert "lost == 0" --html compare.html

Exit code 1: an assertion does not hold for one of them, or a collector would not start with it.`

// … and work begins here: plain values in, an exit code out.
export async function compare(configs: readonly string[], options: CompareOptions, host: Host): Promise<number> {
  if (configs.length < 2)
    throw new FailoverctlError('wrong-use', 'one config alone cannot be compared', 'failoverctl compare before.yaml after.yaml')
  const wish = wishOf(options, await readExperimentFile(options.experiment, host))
  const seeded = { ...wish, seed: wish.seed ?? drawSeed(host.random) }
  const paint = painterFor(host.terminal.colour.out)
  const simulations: Simulation[] = []
  for (const config of configs) {
    const computed = await computeOutage([config], seeded, options.collectorVersion, host)
    if ('refused' in computed) {
      host.terminal.out(options.json ? json({ outcome: computed.refused }) : outcomeText(computed.refused, paint, 'compare'))
      return 1
    }
    simulations.push(computed.simulation)
  }
  host.terminal.out(options.json ? json({ compared: simulations }) : compareText(simulations, host.terminal.columns, paint))
  await writePage(options.html, `failoverctl compare ${configs.join(', ')}`, simulations.map(computedPage), host)
  return wish.claims.length === 0 || simulations.every(isFine) ? 0 : 1
}
