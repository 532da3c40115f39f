import { Command, Option } from 'commander'
import type { Experiment } from '../chaos/experiment.ts'
import { plan, type Wish } from '../chaos/plan.ts'
import { type Progress, runExperiment } from '../chaos/run.ts'
import type { Target } from '../chaos/target.ts'
import type { Failover } from '../collector/graph.ts'
import type { Version } from '../collector/versions.ts'
import { formatDuration } from '../core/duration.ts'
import { FailoverctlError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { painterFor } from '../core/paint.ts'
import { drawSeed } from '../core/random.ts'
import { json } from '../formats/json.ts'
import { outcomeText } from '../formats/outcome-text.ts'
import type { Outcome } from '../model/outcome.ts'
import { redactUrl } from '../otlp/destination.ts'
import { newRun } from '../otlp/identity.ts'
import { levelOf } from '../outage/expected-level.ts'
import { judge, refusedOutcome } from '../outage/judge.ts'
import { checkConfig, ruleFindings } from '../validate/check.ts'
import { recoverCommand } from './chaos-recover.ts'
import { checkReportPaths, junitOption, markdownOption, type ReportOptions, writeReports } from './chaos-reports.ts'
import { TARGETS, type TargetKind } from './chaos-target.ts'
import { collectorVersionOption, configOption, htmlOption, jsonOption, namesOption, projectOption, quietOption } from './flags.ts'
import { countFlag, durationFlag, numberFlag } from './values.ts'

export interface ChaosOptions extends ReportOptions {
  readonly config: readonly string[]
  readonly collectorVersion: Version
  /** undefined: nothing chose a target. */
  readonly target: TargetKind | undefined
  readonly stop: readonly string[]
  readonly kill: readonly string[]
  readonly pause: readonly string[]
  /** `backend=status` each. */
  readonly answer: readonly string[]
  /** undefined: all that were made to fail. */
  readonly bringBack: readonly string[] | undefined
  readonly rate: number
  readonly spansPerRequest: number
  readonly steady: number
  readonly hold: number
  readonly failoverWithin: number | undefined
  readonly recoverWithin: number | undefined
  readonly drainWithin: number
  readonly maxLost: number
  readonly seed: number | undefined
  /** The project file, where one is named. */
  readonly project?: string
  readonly json: boolean
  readonly quiet: boolean
}

// Flags end here …
export const chaosCommand = (host: Host, done: (exit: number) => void): Command =>
  new Command('chaos')
    .description('Make backends fail while traffic flows, watch the failover level, bring them back, count what was lost.')
    .addOption(configOption())
    .addOption(new Option('--target <kind>', 'what to run against (default: lab)').choices(Object.keys(TARGETS)))
    .addOption(namesOption('--stop <backends>', 'end it: its port is closed and its connections are reset').default([], 'none'))
    .addOption(namesOption('--kill <backends>', 'end its process on the spot (SIGKILL)').default([], 'none'))
    .addOption(namesOption('--pause <backends>', 'let it take connections and answer nothing').default([], 'none'))
    .addOption(namesOption('--answer <backend=status>', 'let it answer with an HTTP status').default([], 'none'))
    .addOption(namesOption('--bring-back <backends>', 'bring back only these (default: all that failed)'))
    .addOption(new Option('--rate <spans>', 'spans per second').argParser(numberFlag(1)).default(50))
    .addOption(new Option('--spans-per-request <spans>').argParser(countFlag(1)).default(1))
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
      new Option('--drain-within <duration>', 'how long queues may take to empty').argParser(durationFlag).default(60_000, '60s'),
    )
    .addOption(new Option('--max-lost <spans>', 'acknowledged spans that may be lost').argParser(countFlag(0)).default(0))
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
    .action(async (options: ChaosOptions) => done(await chaos(options, host)))

const EXAMPLES = `
A backend is called by its exporter (otlp/primary), its pipeline (traces/primary), the name of either (primary), or its level (level0).

  failoverctl chaos --stop primary --config config.yaml
  failoverctl chaos --pause level0 --config config.yaml
  failoverctl chaos --stop primary,secondary --bring-back secondary --config config.yaml
  failoverctl chaos --target process --stop primary --config config.yaml   (failoverctl.yaml describes the processes)
  failoverctl chaos recover   (takes back what a killed run has left)`

// … and work begins here: plain values in, an exit code out.
export async function chaos(options: ChaosOptions, host: Host): Promise<number> {
  const { config, collectorVersion: version, quiet } = options
  if (config.length === 0) {
    throw new FailoverctlError('wrong-use', 'no config given', 'Name the collector config with --config, or in failoverctl.yaml.')
  }
  const kind = options.target ?? 'lab'
  const identity = {
    target: `${TARGETS[kind].named}${options.target === undefined ? ' (no --target given)' : ''}`,
    config: config.join(' + '),
    collector_version: version.text,
    seed: options.seed ?? drawSeed(host.random),
    run: newRun(host.random),
    notes: [],
    backends: [],
  }
  await checkReportPaths(options, host)
  const { graph, findings } = await checkConfig(config, version, host)
  if (graph.failovers.length === 0 || findings.some(({ kind, severity }) => kind === 'refused' && severity === 'error')) {
    return finish(refusedOutcome(findings, identity), [], options, host)
  }
  const target = await TARGETS[kind].open({ graph, run: identity.run, seed: identity.seed, project: options.project }, host)
  try {
    const { experiment, failover } = plan(wishOf(options), restOf(options, identity.seed), graph, target)
    if (!quiet) host.terminal.err(announcement(experiment, failover, target, identity.target))
    const measured = await runExperiment(experiment, failover, identity.run, target, host, progress => {
      if (!quiet) host.terminal.status(progressText(progress))
    })
    const backends = target.backends.map(({ name, exporters }) => ({ name, level: levelOf(failover, exporters) }))
    // What the config says about this connector alone: others may have troubles of their own.
    const concerned = ruleFindings({ ...graph, failovers: [failover] })
    const outcome = judge(measured, experiment, concerned, { ...identity, notes: target.notes, backends })
    return await finish(outcome, [trafficText(experiment, target)], options, host)
  } finally {
    await target.close()
  }
}

async function finish(outcome: Outcome, given: readonly string[], options: ChaosOptions, host: Host): Promise<number> {
  const { terminal } = host
  terminal.status('')
  terminal.out(options.json ? json(outcome) : outcomeText(outcome, painterFor(terminal.colour.out)))
  await writeReports(outcome, options, given, host)
  return outcome.verdict === 'held' ? 0 : 1
}

const wishOf = ({ stop, kill, pause, answer, bringBack, failoverWithin, recoverWithin }: ChaosOptions): Wish => ({
  stop,
  kill,
  pause,
  answer,
  bringBack,
  failoverWithinMs: failoverWithin,
  recoverWithinMs: recoverWithin,
})

/** The metrics are read so often: fast enough to see a level that is current for a moment, slow enough to disturb nothing. */
const SCRAPE_INTERVAL_MS = 100

const restOf = (options: ChaosOptions, seed: number) => ({
  seed,
  steadyMs: options.steady,
  holdMs: options.hold,
  drainWithinMs: options.drainWithin,
  scrapeIntervalMs: SCRAPE_INTERVAL_MS,
  rate: options.rate,
  spansPerRequest: options.spansPerRequest,
  maxLost: options.maxLost,
})

function announcement(experiment: Experiment, failover: Failover, target: Target, name: string): string {
  const { faults, failoverWithinMs, recoverWithinMs } = experiment
  const levels = failover.levels.map(({ pipelines }) => pipelines.map(({ id }) => id).join(' + '))
  return `Experiment on ${name}: ${faults.map(({ kind, backend }) => `${kind} ${backend}`).join(', ')}
  levels of ${failover.component.id}: ${levels.join(' → ')}
  traffic: ${trafficText(experiment, target)}
  allowed: ${formatDuration(failoverWithinMs)} to fail over, ${formatDuration(recoverWithinMs)} to recover; Ctrl-C undoes and ends
`
}

const trafficText = ({ rate, spansPerRequest }: Experiment, { trafficUrl }: Target): string =>
  `${rate} spans/s in requests of ${spansPerRequest} to ${redactUrl(trafficUrl)}`

const progressText = ({ at_s, phase, level, sent, acknowledged }: Progress): string =>
  `${at_s.toFixed(1).padStart(6)}s  level ${level ?? '?'}  ${sent} sent, ${acknowledged} acknowledged  ${phase}`
