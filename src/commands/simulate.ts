import { Command, Option } from 'commander'
import type { Version } from '../collector/versions.ts'
import { FailoverctlError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { painterFor } from '../core/paint.ts'
import { json } from '../formats/json.ts'
import { outcomeText } from '../formats/outcome-text.ts'
import { simulationText } from '../formats/simulation-text.ts'
import { isFine } from '../simulate/result.ts'
import { readDimension } from '../simulate/sweep.ts'
import { computeOutage } from './compute-outage.ts'
import { collectorVersionOption, configOption, htmlOption, jsonOption, projectOption } from './flags.ts'
import { type OutageOptions, readExperimentFile, severalTimes, wishOf, withOutageFlags } from './outage-flags.ts'
import { sweep } from './sweep.ts'
import { computedPage, writePage } from './write-page.ts'

export interface SimulateOptions extends OutageOptions {
  readonly config: readonly string[]
  readonly collectorVersion: Version
  readonly sweep: readonly string[]
  readonly write: boolean
  readonly html?: string
  readonly json: boolean
}

// Flags end here …
export const simulateCommand = (host: Host, done: (exit: number) => void): Command =>
  withOutageFlags(
    new Command('simulate')
      .description(
        'Compute what a config does in an outage: failover, recovery, loss, queues. Nothing is started, nothing is sent.',
      )
      .argument('[configs...]', 'collector config; several are merged as the collector merges them')
      .addOption(configOption()),
  )
    .addOption(
      severalTimes(new Option('--sweep <key=values>', 'try each value of a setting; repeat it for each value with each')),
    )
    .addOption(new Option('--write', 'put the best of the sweep into the config').default(false))
    .addOption(htmlOption())
    .addOption(collectorVersionOption())
    .addOption(jsonOption())
    .addOption(projectOption())
    .addHelpText('after', EXAMPLES)
    .action(async (configs: string[], options: SimulateOptions) => done(await simulate(configs, options, host)))

const EXAMPLES = `
Times count from the start of traffic; without a window a fault is from 60s to 6m. A backend is called by its exporter, its pipeline,
the name of either, or its level (level0). Assertions know failover_time, recovery_time, sent, acknowledged, refused, unknown, lost,
duplicated, queued and peak_queue; p50(…) to p99(…), min, max and mean are over the runs. In the key of a sweep * stands for any name.

  failoverctl simulate gateway.yaml --outage primary=60s..10m
  failoverctl simulate gateway.yaml --hang level0 --assert "lost == 0" --assert "failover_time < 10s"
  failoverctl simulate gateway.yaml --outage primary=60s..100s --runs 1000 --assert "p95(recovery_time) < 30s"
  failoverctl simulate gateway.yaml --outage primary --sweep 'connectors.failover*.retry_interval=1s,5s,30s' --write`

// … and work begins here: plain values in, an exit code out.
export async function simulate(configs: readonly string[], options: SimulateOptions, host: Host): Promise<number> {
  const { collectorVersion: version, sweep: dimensions, write, html, json: asJson } = options
  if (write && dimensions.length === 0)
    throw new FailoverctlError('wrong-use', '--write needs a --sweep', 'It writes the best of what a sweep has tried.')
  const file = await readExperimentFile(options.experiment, host)
  const named = [...options.config, ...configs]
  const locations = named.length > 0 ? named : (file?.config ?? [])
  const wish = wishOf(options, file)
  if (file && file.probes.length > 0) host.terminal.err(unseen(file.probes.map(({ name }) => name)))
  if (dimensions.length > 0)
    return sweep({ locations, wish, dimensions: dimensions.map(readDimension), version, write, html, json: asJson }, host)
  const computed = await computeOutage(locations, wish, version, host)
  const paint = painterFor(host.terminal.colour.out)
  if ('refused' in computed) {
    host.terminal.out(asJson ? json({ outcome: computed.refused }) : outcomeText(computed.refused, paint, 'simulate'))
    return 1
  }
  const { simulation } = computed
  host.terminal.out(asJson ? json(simulation) : simulationText(simulation, host.terminal.columns, paint))
  await writePage(html, `failoverctl simulate ${simulation.outcome.config}`, [computedPage(simulation)], host)
  return isFine(simulation) ? 0 : 1
}

/** What looks at a running system has nothing to look at here. */
const unseen = (probes: readonly string[]) =>
  `not looked at, because nothing runs: ${probes.join(', ')}; measures are judged, and failoverctl chaos looks at probes\n`
