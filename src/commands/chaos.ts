import { Command, Option } from 'commander'
import type { Experiment } from '../chaos/experiment.ts'
import type { RunResult } from '../chaos/journal/record.ts'
import { type ChaosWish, type Plan, plan } from '../chaos/plan.ts'
import { runExperiment } from '../chaos/run.ts'
import type { Target } from '../chaos/target.ts'
import type { Allowed } from '../chaos/targets/process-settings.ts'
import type { Version } from '../collector/versions.ts'
import { formatDuration } from '../core/duration.ts'
import { FailoverctlError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { painterFor } from '../core/paint.ts'
import { drawSeed } from '../core/random.ts'
import type { ExperimentFile } from '../experiment/read-experiment.ts'
import { json } from '../formats/json.ts'
import { outcomeText } from '../formats/outcome-text.ts'
import { timelineText } from '../formats/timeline-text.ts'
import { redactUrl } from '../otlp/destination.ts'
import { newRun } from '../otlp/identity.ts'
import { levelOf } from '../outage/expected-level.ts'
import { judge, refusedOutcome } from '../outage/judge.ts'
import { checkConfig, ruleFindings } from '../validate/check.ts'
import { type ContainerOptions, withContainerFlags } from './chaos-containers.ts'
import { type FaultOptions, wishedFaults, withFaultFlags } from './chaos-faults.ts'
import { type JournalOptions, journaled, withJournalFlags } from './chaos-journal.ts'
import { progressLine } from './chaos-progress.ts'
import { guardCommand } from './chaos-guard.ts'
import { recoverCommand } from './chaos-recover.ts'
import { checkReportPaths, junitOption, markdownOption, type ReportOptions, writeReports } from './chaos-reports.ts'
import { TARGETS, type TargetKind } from './chaos-target.ts'
import { collectorVersionOption, configOption, htmlOption, jsonOption, namesOption, projectOption, quietOption } from './flags.ts'
import { readExperimentFile } from './outage-flags.ts'
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
  readonly maxFault: number
  readonly allowRootVolume?: boolean
  readonly allowOwnWay?: boolean
  readonly rate?: number
  readonly spansPerRequest?: number
  readonly steady: number
  readonly hold: number
  readonly failoverWithin: number | undefined
  readonly recoverWithin: number | undefined
  readonly drainWithin?: number
  readonly maxLost?: number
  readonly seed: number | undefined
  /** The project file, where one is named. */
  readonly project?: string
  readonly json: boolean
  readonly quiet: boolean
}

// Flags end here …
export const chaosCommand = (host: Host, done: (exit: number) => void): Command =>
  withContainerFlags(withFaultFlags(withJournalFlags(new Command('chaos'))))
    .description('Make backends fail while traffic flows, watch the failover level, bring them back, count what was lost.')
    .addOption(configOption())
    .addOption(new Option('--target <kind>', 'what to run against (default: lab)').choices(Object.keys(TARGETS)))
    .addOption(namesOption('--bring-back <backends>', 'bring back only these (default: all that failed)'))
    .addOption(new Option('--experiment <file>', 'a YAML file that says what fails and what has to hold'))
    .addOption(namesOption('--blast-radius <names>', 'refuse every fault of anything else'))
    .addOption(
      new Option('--max-fault <duration>', 'the longest that a fault may last').argParser(durationFlag).default(600_000, '10m'),
    )
    .addOption(new Option('--allow-root-volume', 'let disk-full fill the root file system').default(false, 'no'))
    .addOption(new Option('--allow-own-way', "let a fault cut failoverctl off from the collector's metrics").default(false, 'no'))
    .addOption(new Option('--rate <spans>', 'spans per second (default: 50)').argParser(numberFlag(1)))
    .addOption(new Option('--spans-per-request <spans>', '(default: 1)').argParser(countFlag(1)))
    .addOption(new Option('--steady <duration>', 'how long level 0 must hold first').argParser(durationFlag).default(2000, '2s'))
    .addOption(new Option('--hold <duration>', 'how long to stay after each change').argParser(durationFlag).default(3000, '3s'))
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
    .addOption(new Option('--seed <number>', 'repeat a run').argParser(countFlag(0)))
    .addOption(collectorVersionOption())
    .addOption(jsonOption())
    .addOption(htmlOption())
    .addOption(junitOption())
    .addOption(markdownOption())
    .addOption(quietOption())
    .addOption(projectOption())
    .addHelpText('after', EXAMPLES)
    .addCommand(recoverCommand(host, done))
    .addCommand(guardCommand(host, done), { hidden: true })
    .action(async (options: ChaosOptions) => done(await chaos(options, host)))

const EXAMPLES = `
A backend is called by its exporter (otlp/primary), its pipeline (traces/primary), the name of either (primary), or its level (level0).

  failoverctl chaos --stop primary --config config.yaml
  failoverctl chaos --pause level0 --config config.yaml
  failoverctl chaos --reject primary=503 --config config.yaml
  failoverctl chaos --experiment experiment.yaml
  failoverctl chaos --stop primary,secondary --bring-back secondary --config config.yaml
  failoverctl chaos --target process --stop primary --config config.yaml   (failoverctl.yaml describes the processes)
  failoverctl chaos --target compose --compose docker-compose.yml --stop primary --config config.yaml
  failoverctl chaos --target docker --kill primary --config config.yaml   (failoverctl.yaml names the containers)
  failoverctl chaos recover   (takes back what a killed run has left)`

// … and work begins here: plain values in, an exit code out.
export async function chaos(options: ChaosOptions, host: Host): Promise<number> {
  const file = await readExperimentFile(options.experiment, host)
  const config = options.config.length > 0 ? options.config : (file?.config ?? [])
  if (config.length === 0) {
    throw new FailoverctlError('wrong-use', 'no config given', 'Name the collector config with --config, or in failoverctl.yaml.')
  }
  const { collectorVersion: version } = options
  const kind = options.target ?? 'lab'
  const identity = {
    target: `${TARGETS[kind].named}${options.target === undefined ? ' (no --target given)' : ''}`,
    config: config.join(' + '),
    collector_version: version.text,
    seed: options.seed ?? file?.seed ?? drawSeed(host.random),
    run: newRun(host.random),
    notes: [],
    backends: [],
  }
  const wish = wishOf(options, file)
  await checkReportPaths(options, host)
  const { graph, findings } = await checkConfig(config, version, host)
  if (graph.failovers.length === 0 || findings.some(({ kind, severity }) => kind === 'refused' && severity === 'error')) {
    return finish({ outcome: refusedOutcome(findings, identity), series: null, given: [] }, options, host)
  }
  const target = await TARGETS[kind].open(
    { graph, run: identity.run, seed: identity.seed, project: options.project, allowed: allowedBy(options), containers: options },
    host,
  )
  const progress = options.quiet ? undefined : progressLine(host)
  try {
    const planned = plan(wish, restOf(options, file, identity.seed), graph, target)
    if (!options.quiet) host.terminal.err(announcement(planned, target, identity.target))
    const { failover } = planned
    const backends = target.backends.map(({ name, exporters }) => ({
      name,
      level: failover ? levelOf(failover, exporters) : null,
    }))
    // What the config says about this connector alone: others may have troubles of their own.
    const concerned = failover ? ruleFindings({ ...graph, failovers: [failover] }) : []
    const result = await journaled(options, identity, planned.experiment, host, async observers => {
      const measured = await runExperiment(planned, identity.run, target, host, [...(progress ? [progress] : []), ...observers])
      progress?.stop()
      const outcome = judge(measured, planned.experiment, concerned, { ...identity, notes: target.notes, backends })
      return { outcome, series: measured.series ?? null, given: [trafficText(planned.experiment, target)] }
    })
    return await finish(result, options, host)
  } finally {
    progress?.stop()
    await target.close()
  }
}

const allowedBy = ({ allowRootVolume, allowOwnWay }: ChaosOptions): Allowed => ({
  rootVolume: allowRootVolume,
  ownWay: allowOwnWay,
})

async function finish(result: RunResult, options: ChaosOptions, host: Host): Promise<number> {
  const { terminal } = host
  const { outcome, series } = result
  const drawn = series ? timelineText(outcome, series, terminal.columns, painterFor(terminal.colour.out)) : undefined
  terminal.out(options.json ? json(outcome) : outcomeText(outcome, painterFor(terminal.colour.out), 'chaos', drawn))
  await writeReports(result, options, host)
  return outcome.verdict === 'held' ? 0 : 1
}

/** What the flags say beats what the file says; faults of both count. */
const wishOf = (options: ChaosOptions, file: ExperimentFile | undefined): ChaosWish => ({
  faults: [...(file?.faults ?? []), ...wishedFaults(options)],
  bringBack: options.bringBack,
  blastRadius: options.blastRadius,
  failoverWithinMs: options.failoverWithin ?? file?.failoverWithinMs,
  recoverWithinMs: options.recoverWithin ?? file?.recoverWithinMs,
})

/** The metrics are read so often: fast enough to see a level that is current for a moment, slow enough to disturb nothing. */
const SCRAPE_INTERVAL_MS = 100
const DEFAULTS = { rate: 50, spansPerRequest: 1, drainWithinMs: 60_000, maxLost: 0 }

const restOf = (options: ChaosOptions, file: ExperimentFile | undefined, seed: number) => ({
  seed,
  steadyMs: options.steady,
  holdMs: options.hold,
  durationMs: file?.durationMs,
  drainWithinMs: options.drainWithin ?? file?.drainWithinMs ?? DEFAULTS.drainWithinMs,
  maxFaultMs: options.maxFault,
  scrapeIntervalMs: SCRAPE_INTERVAL_MS,
  rate: options.rate ?? file?.traffic ?? DEFAULTS.rate,
  spansPerRequest: options.spansPerRequest ?? file?.spansPerRequest ?? DEFAULTS.spansPerRequest,
  maxLost: options.maxLost ?? file?.maxLost ?? DEFAULTS.maxLost,
})

function announcement({ experiment, failover }: Plan, target: Target, name: string): string {
  const { faults, failoverWithinMs, recoverWithinMs } = experiment
  const levels = failover?.levels.map(({ pipelines }) => pipelines.map(({ id }) => id).join(' + ')) ?? []
  const chain = failover ? `  levels of ${failover.component.id}: ${levels.join(' → ')}\n` : ''
  return `Experiment on ${name}: ${faults.map(({ kind, on }) => `${kind} ${on}`).join(', ')}
${chain}  traffic: ${trafficText(experiment, target)}
  allowed: ${formatDuration(failoverWithinMs)} to fail over, ${formatDuration(recoverWithinMs)} to recover; Ctrl-C undoes and ends
`
}

const trafficText = ({ rate, spansPerRequest }: Experiment, { trafficUrl }: Target): string =>
  `${rate} spans/s in requests of ${spansPerRequest} to ${redactUrl(trafficUrl)}`
