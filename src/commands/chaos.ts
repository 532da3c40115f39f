import { Command, Option } from 'commander'
import { backendsCalled } from '../chaos/backend-names.ts'
import { expectedLevel } from '../chaos/expected-level.ts'
import type { Experiment, PlannedFault } from '../chaos/experiment.ts'
import { type Context, judge, refusedOutcome } from '../chaos/judge.ts'
import { type Progress, runExperiment } from '../chaos/run.ts'
import type { FaultKind } from '../chaos/steps/index.ts'
import type { Target, TargetBackend } from '../chaos/target.ts'
import { labTarget } from '../chaos/targets/lab.ts'
import { allowedTimes } from '../chaos/timing.ts'
import type { Failover, Graph } from '../collector/graph.ts'
import type { Version } from '../collector/versions.ts'
import { formatDuration } from '../core/duration.ts'
import { FailoverctlError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { ansiPainter, plainPainter } from '../core/paint.ts'
import { drawSeed } from '../core/random.ts'
import { json } from '../formats/json.ts'
import { outcomeText } from '../formats/outcome-text.ts'
import { newRun } from '../otlp/identity.ts'
import { checkConfig, type Finding } from '../validate/check.ts'
import { collectorVersionOption, configOption, jsonOption, namesOption, projectOption, quietOption } from './flags.ts'
import { countFlag, durationFlag, numberFlag } from './values.ts'

export interface ChaosOptions {
  readonly config: readonly string[]
  readonly collectorVersion: Version
  /** undefined: nothing chose a target. */
  readonly target: 'lab' | undefined
  readonly stop: readonly string[]
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
  readonly json: boolean
  readonly quiet: boolean
}

// Flags end here …
export const chaosCommand = (host: Host, done: (exit: number) => void): Command =>
  new Command('chaos')
    .description('Make backends fail while traffic flows, watch the failover level, bring them back, count what was lost.')
    .addOption(configOption())
    .addOption(new Option('--target <kind>', 'what to run against (default: lab)').choices(['lab']))
    .addOption(namesOption('--stop <backends>', 'close its port and reset its connections').default([], 'none'))
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
    .addOption(quietOption())
    .addOption(projectOption())
    .addHelpText('after', EXAMPLES)
    .action(async (options: ChaosOptions) => done(await chaos(options, host)))

const EXAMPLES = `
A backend is called by its exporter (otlp/primary), its pipeline (traces/primary), the name of either (primary), or its level (level0).

  failoverctl chaos --stop primary --config config.yaml
  failoverctl chaos --pause level0 --config config.yaml
  failoverctl chaos --stop primary,secondary --bring-back secondary --config config.yaml`

// … and work begins here: plain values in, an exit code out.
export async function chaos(options: ChaosOptions, host: Host): Promise<number> {
  if (options.config.length === 0) {
    throw new FailoverctlError('wrong-use', 'no config given', 'Name the collector config with --config, or in failoverctl.yaml.')
  }
  const seed = options.seed ?? drawSeed(host.random)
  const run = newRun(host.random)
  const { graph, findings } = await checkConfig(options.config, options.collectorVersion, host)
  const say = (text: string) => (options.quiet ? undefined : host.terminal.err(text))
  const targetName = `the embedded lab${options.target === undefined ? ' (no --target given)' : ''}`
  const context = (experiment: Experiment, notes: readonly string[]): Context => ({
    experiment,
    findings,
    notes,
    run,
    target: targetName,
    config: options.config.join(' + '),
    version: options.collectorVersion.text,
  })
  const finish = (outcome: ReturnType<typeof judge>) => {
    host.terminal.status('')
    host.terminal.out(options.json ? json(outcome) : outcomeText(outcome, host.terminal.colour.out ? ansiPainter : plainPainter))
    return outcome.verdict === 'held' ? 0 : 1
  }

  if (graph.failovers.length === 0 || findings.some(({ kind, severity }) => kind === 'refused' && severity === 'error')) {
    return finish(refusedOutcome(context(planOf(options, seed, [], [], undefined), [])))
  }
  const target = await labTarget(graph, run, seed, host)
  try {
    const faults = faultsOf(options, target, graph.failovers)
    const bringBack = options.bringBack?.flatMap(word => named(word, target, graph.failovers)) ?? [
      ...new Set(faults.map(({ backend }) => backend)),
    ]
    const failover = connectorOf(graph, target, faults)
    const experiment = planOf(options, seed, faults, bringBack, allowedTimes(graph, failover))
    say(announcement(experiment, failover, target, targetName))
    const concerned = findings.filter(finding => !namesAnother(finding, failover, graph))
    const measured = await runExperiment(experiment, failover, run, target, host, progress => {
      if (!options.quiet) host.terminal.status(progressText(progress))
    })
    return finish(judge(measured, { ...context(experiment, target.notes), findings: concerned }))
  } finally {
    await target.close()
  }
}

function planOf(
  options: ChaosOptions,
  seed: number,
  faults: readonly PlannedFault[],
  bringBack: readonly string[],
  allowed: ReturnType<typeof allowedTimes> | undefined,
): Experiment {
  return {
    faults,
    bringBack,
    seed,
    steadyMs: options.steady,
    holdMs: options.hold,
    failoverWithinMs: options.failoverWithin ?? allowed?.failoverWithinMs ?? 0,
    recoverWithinMs: options.recoverWithin ?? allowed?.recoverWithinMs ?? 0,
    drainWithinMs: options.drainWithin,
    scrapeIntervalMs: 100,
    rate: options.rate,
    spansPerRequest: options.spansPerRequest,
    maxLost: options.maxLost,
  }
}

const named = (word: string, target: Target, failovers: readonly Failover[]): string[] =>
  backendsCalled<TargetBackend>(word, target.backends, failovers).map(({ name }) => name)

function faultsOf({ stop, pause, answer }: ChaosOptions, target: Target, failovers: readonly Failover[]): PlannedFault[] {
  const each = (kind: FaultKind, words: readonly string[]) =>
    words.flatMap(word => named(word, target, failovers).map(backend => ({ kind, backend })))
  const answers = answer.flatMap(text => {
    const [, word, status] = /^(.+)=([1-5]\d\d)$/.exec(text) ?? []
    if (word === undefined)
      throw new FailoverctlError('wrong-use', `--answer ${text} is not backend=status`, 'Example: --answer primary=503')
    return each('answer', [word]).map(fault => ({ ...fault, status: Number(status) }))
  })
  const faults = [...each('stop', stop), ...each('pause', pause), ...answers]
  if (faults.length > 0) return faults
  const names = target.backends.map(({ name }) => name).join(', ')
  throw new FailoverctlError(
    'wrong-use',
    'no fault given',
    `Say what fails: --stop, --pause or --answer. The backends are ${names}.`,
  )
}

/** The connector whose levels the faults concern, among those that carry traces: the experiment sends traces. */
function connectorOf(graph: Graph, target: Target, faults: readonly PlannedFault[]): Failover {
  const down = new Set(
    target.backends.filter(({ name }) => faults.some(({ backend }) => backend === name)).flatMap(({ exporters }) => exporters),
  )
  const traces = graph.failovers.filter(({ sources }) => sources.some(({ signal }) => signal === 'traces'))
  const concerned = traces.find(failover => expectedLevel(failover, down) !== 0)
  if (concerned) return concerned
  throw new FailoverctlError(
    'wrong-use',
    'the fault does not touch level 0 of a failover connector that carries traces',
    'Stop a backend of level 0: --stop level0',
  )
}

/** Whether a finding is about another failover connector than the one that the experiment watches. */
const namesAnother = ({ message }: Finding, watched: Failover, { failovers }: Graph): boolean =>
  failovers.some(({ component }) => component !== watched.component && message.includes(`\`${component.id}\``))

function announcement(
  { faults, failoverWithinMs, recoverWithinMs, rate }: Experiment,
  failover: Failover,
  target: Target,
  name: string,
): string {
  const levels = failover.levels.map(({ pipelines }) => pipelines.map(({ id }) => id).join(' + '))
  return `Experiment on ${name}: ${faults.map(({ kind, backend }) => `${kind} ${backend}`).join(', ')}
  levels of ${failover.component.id}: ${levels.join(' → ')}
  traffic: ${rate} spans/s to ${target.trafficUrl}
  allowed: ${formatDuration(failoverWithinMs)} to fail over, ${formatDuration(recoverWithinMs)} to recover; Ctrl-C undoes and ends
`
}

const progressText = ({ at_s, phase, level, sent, acknowledged }: Progress): string =>
  `${at_s.toFixed(1).padStart(6)}s  level ${level ?? '?'}  ${sent} sent, ${acknowledged} acknowledged  ${phase}`
