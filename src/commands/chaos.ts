import { Command, Option } from 'commander'
import type { RunResult } from '../chaos/journal/record.ts'
import type { Graph } from '../collector/graph.ts'
import { readGraph } from '../collector/read-graph.ts'
import type { Version } from '../collector/versions.ts'
import type { Host } from '../core/host.ts'
import { painterFor } from '../core/paint.ts'
import { json } from '../formats/json.ts'
import { outcomeText } from '../formats/outcome-text.ts'
import { timelineText } from '../formats/timeline-text.ts'
import type { Check } from '../model/outcome.ts'
import { newRun } from '../otlp/identity.ts'
import { type RunIdentity, refusedOutcome } from '../outage/judge.ts'
import { readConfig } from '../source/read-config.ts'
import { checkConfig } from '../validate/check.ts'
import { announcement } from './chaos-announce.ts'
import { type ContainerOptions, withContainerFlags } from './chaos-containers.ts'
import { printDryRun } from './chaos-dry-run.ts'
import { type FaultOptions, withFaultFlags } from './chaos-faults.ts'
import { guardCommand } from './chaos-guard.ts'
import { chaosInitCommand } from './chaos-init.ts'
import { type JournalOptions, journalOption } from './chaos-journal.ts'
import { runOnce, withTarget } from './chaos-once.ts'
import { recoverCommand } from './chaos-recover.ts'
import { checkReportPaths, junitOption, markdownOption, type ReportOptions, writeReports } from './chaos-reports.ts'
import { chaosRuns } from './chaos-runs.ts'
import { type ChaosSettings, chaosSettings } from './chaos-settings.ts'
import { TARGETS, type TargetKind } from './chaos-target.ts'
import { configName } from './config-name.ts'
import { collectorVersionOption, configOption, htmlOption, jsonOption, namesOption, projectOption, quietOption } from './flags.ts'
import { severalTimes } from './outage-flags.ts'
import { otlpOption } from './send-run.ts'
import { countFlag, durationFlag, numberFlag } from './values.ts'

export interface ChaosOptions extends ReportOptions, JournalOptions, FaultOptions, ContainerOptions {
  readonly config: readonly string[]
  readonly collectorVersion: Version
  /** undefined: nothing chose a target. */
  readonly target: TargetKind | undefined
  /** A file that says what fails and what has to hold. */
  readonly experiment?: string
  /** undefined: all that were made to fail. */
  readonly bringBack: readonly string[] | undefined
  /** What may be made to fail; undefined: whatever is named. */
  readonly blastRadius: readonly string[] | undefined
  /** The longest that a fault may last, in milliseconds. */
  readonly maxFault?: number
  readonly allowRootVolume?: boolean
  readonly allowOwnWay?: boolean
  readonly rate?: number
  readonly spansPerRequest?: number
  readonly steady?: number
  readonly hold?: number
  readonly failoverWithin: number | undefined
  readonly recoverWithin: number | undefined
  readonly drainWithin?: number
  readonly maxLost?: number
  readonly seed: number | undefined
  readonly runs?: number
  /** Claims such as `lost == 0`, besides the file's. */
  readonly assert: readonly string[]
  /** Print the plan, and make nothing fail. */
  readonly dryRun: boolean
  /** Whether to look, before anything fails, if all is there and is what the config says. */
  readonly preflight: boolean
  /** The project file, where one is named. */
  readonly project?: string
  readonly json: boolean
  readonly quiet: boolean
}

// Flags end here …
export const chaosCommand = (host: Host, done: (exit: number) => void): Command =>
  withContainerFlags(
    withFaultFlags(new Command('chaos').optionsGroup('What fails:'))
      .optionsGroup('Where:')
      .addOption(configOption())
      .addOption(new Option('--target <kind>', 'what to run against (default: lab)').choices(Object.keys(TARGETS))),
  )
    .description('Make backends fail while traffic flows, watch the failover level, bring them back, count what was lost.')
    .addOption(collectorVersionOption())
    .addOption(projectOption())
    .optionsGroup('The experiment:')
    .addOption(new Option('--experiment <file>', 'a YAML file that says what fails and what has to hold'))
    .addOption(namesOption('--bring-back <backends>', 'bring back only these (default: all that failed)'))
    .addOption(new Option('--steady <duration>', 'how long level 0 must hold first (default: 2s)').argParser(durationFlag))
    .addOption(new Option('--hold <duration>', 'how long to stay after each change (default: 3s)').argParser(durationFlag))
    .addOption(new Option('--rate <spans>', 'spans per second (default: 50)').argParser(numberFlag(1)))
    .addOption(new Option('--spans-per-request <spans>', '(default: 1)').argParser(countFlag(1)))
    .addOption(new Option('--seed <number>', 'repeat a run').argParser(countFlag(0)))
    .addOption(new Option('--runs <count>', 'run it so often, for percentiles (default: 1)').argParser(countFlag(1)))
    .optionsGroup('What has to hold:')
    .addOption(
      new Option('--failover-within <duration>', "the longest failover time (default: the exporters' timeouts and 2s)").argParser(
        durationFlag,
      ),
    )
    .addOption(
      new Option(
        '--recover-within <duration>',
        'the longest recovery time (default: two retry_intervals, the timeouts and 2s)',
      ).argParser(durationFlag),
    )
    .addOption(
      new Option('--drain-within <duration>', 'how long queues may take to empty (default: 60s)').argParser(durationFlag),
    )
    .addOption(new Option('--max-lost <spans>', 'acknowledged spans that may be lost (default: 0)').argParser(countFlag(0)))
    .addOption(severalTimes(new Option('--assert <claim>', 'a check more, such as "p95(failover_time) < 10s"')))
    .optionsGroup('Safety:')
    .addOption(new Option('--dry-run', 'print the plan with every name resolved, and make nothing fail').default(false, 'no'))
    .addOption(namesOption('--blast-radius <names>', 'refuse every fault of anything else'))
    .addOption(new Option('--max-fault <duration>', 'the longest that a fault may last (default: 10m)').argParser(durationFlag))
    .addOption(new Option('--no-preflight', 'do not look first if all is there and is what the config says'))
    .addOption(new Option('--allow-root-volume', 'let disk-full fill the root file system').default(false, 'no'))
    .addOption(new Option('--allow-own-way', "let a fault cut failoverctl off from the collector's metrics").default(false, 'no'))
    .optionsGroup('Reports:')
    .addOption(jsonOption())
    .addOption(htmlOption())
    .addOption(junitOption())
    .addOption(markdownOption())
    .addOption(journalOption())
    .addOption(otlpOption())
    .addOption(quietOption())
    .optionsGroup('Help:')
    .addHelpText('after', EXAMPLES)
    // What stands after the name of a subcommand is its own.
    .enablePositionalOptions()
    .addCommand(recoverCommand(host, done))
    .addCommand(chaosInitCommand(host, done))
    .addCommand(guardCommand(host, done), { hidden: true })
    .action(async (options: ChaosOptions) => done(await chaos(options, host)))

const EXAMPLES = `
A backend is called by its exporter (otlp/primary), its pipeline (traces/primary), the name of either (primary), or its level (level0).

  failoverctl chaos --stop primary --config config.yaml
  failoverctl chaos --pause level0 --config config.yaml
  failoverctl chaos --reject primary=503 --config config.yaml
  failoverctl chaos init --config config.yaml -o experiment.yaml
  failoverctl chaos --experiment experiment.yaml --dry-run
  failoverctl chaos --experiment experiment.yaml --runs 10
  failoverctl chaos --stop primary,secondary --bring-back secondary --config config.yaml
  failoverctl chaos --target process --stop primary --config config.yaml   (failoverctl.yaml describes the processes)
  failoverctl chaos --target compose --compose docker-compose.yml --stop primary --config config.yaml
  failoverctl chaos --target docker --kill primary --config config.yaml   (failoverctl.yaml names the containers)
  failoverctl chaos recover   (takes back what a killed run has left)`

// … and work begins here: plain values in, an exit code out.
export async function chaos(options: ChaosOptions, host: Host): Promise<number> {
  const settings = await chaosSettings(options, host)
  const { collectorVersion: version } = options
  await checkReportPaths(options, host)
  const isProxy = settings.kind === 'proxy'
  const { graph, findings } = isProxy ? await nothingRead() : await checkConfig(settings.config, version, host)
  const identity: RunIdentity = {
    target: settings.target,
    config: configName(settings.config),
    collector_version: isProxy ? 'none' : version.text,
    seed: settings.rest.seed,
    run: newRun(host.random),
    notes: [],
    backends: [],
  }
  const isRefused = findings.some(({ kind, severity }) => kind === 'refused' && severity === 'error')
  if (isRefused || (!isProxy && nothingAsked(graph, settings))) {
    return finish({ outcome: refusedOutcome(findings, identity), series: null, given: [] }, options, host)
  }
  if (options.dryRun)
    return withTarget(settings, options, graph, host, async ready => printDryRun(ready, settings, options.json, host))
  if (settings.runs > 1) return chaosRuns(settings, options, graph, identity, host)
  return withTarget(settings, options, graph, host, async ready => {
    if (!options.quiet) host.terminal.err(announcement(ready.plan, ready.target, settings.target, settings.abortOn))
    const { result, asked } = await runOnce(ready, settings, options, graph, identity, host)
    return finish(result, options, host, asked)
  })
}

/** A proxy has a file of its own, which its target reads. */
const nothingRead = async () => ({
  graph: readGraph((await readConfig(['yaml:{}'], { read: async () => new Uint8Array(), env: {} })).root),
  findings: [],
})

/** Without a connector there is no level to follow: then probes or claims have to say what is to be seen. */
const nothingAsked = ({ failovers }: Graph, { probes, claims }: ChaosSettings): boolean =>
  failovers.length === 0 && probes.length === 0 && claims.length === 0

async function finish(result: RunResult, options: ChaosOptions, host: Host, asked: readonly Check[] = []): Promise<number> {
  const { terminal } = host
  const { outcome, series } = result
  const drawn = series ? timelineText(outcome, series, terminal.columns, painterFor(terminal.colour.out)) : undefined
  terminal.out(options.json ? json(outcome) : outcomeText(outcome, painterFor(terminal.colour.out), 'chaos', drawn, asked))
  await writeReports(result, options, host)
  return outcome.verdict === 'held' ? 0 : 1
}
