import { Command, InvalidArgumentError, Option } from 'commander'
import type { Version } from '../collector/versions.ts'
import { FailoverctlError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { painterFor } from '../core/paint.ts'
import { drawSeed } from '../core/random.ts'
import { json } from '../formats/json.ts'
import { outcomeText } from '../formats/outcome-text.ts'
import { simulationText } from '../formats/simulation-text.ts'
import { newRun } from '../otlp/identity.ts'
import { refusedOutcome } from '../outage/judge.ts'
import { parseClaim } from '../simulate/assertion.ts'
import { planScenario } from '../simulate/plan.ts'
import { type ExperimentFile, readExperiment } from '../simulate/read-experiment.ts'
import { readFault } from '../simulate/read-fault.ts'
import { simulate as compute } from '../simulate/simulate.ts'
import type { Action, Wish } from '../simulate/wish.ts'
import { decodeText } from '../source/decode-text.ts'
import { checkConfig, ruleFindings } from '../validate/check.ts'
import { collectorVersionOption, configOption, jsonOption, projectOption } from './flags.ts'
import { countFlag, durationFlag } from './values.ts'

export interface SimulateOptions {
  readonly config: readonly string[]
  readonly collectorVersion: Version
  readonly experiment?: string
  readonly outage: readonly string[]
  readonly hang: readonly string[]
  readonly partition: readonly string[]
  readonly slow: readonly string[]
  readonly reject: readonly string[]
  readonly diskFull: readonly string[]
  readonly flap: readonly string[]
  readonly crash: readonly string[]
  readonly assert: readonly string[]
  readonly traffic?: number
  readonly spansPerRequest?: number
  readonly spanBytes?: number
  readonly duration?: number
  readonly drainWithin?: number
  /** `true`: for as long as a collector tries. */
  readonly senderRetry?: number | true
  readonly failoverWithin?: number
  readonly recoverWithin?: number
  readonly maxLost?: number
  readonly seed?: number
  readonly runs?: number
  readonly json: boolean
}

// Flags end here …
export const simulateCommand = (host: Host, done: (exit: number) => void): Command =>
  new Command('simulate')
    .description(
      'Compute what a config does in an outage: failover, recovery, loss, queues. Nothing is started, nothing is sent.',
    )
    .argument('[configs...]', 'collector config; several are merged as the collector merges them')
    .addOption(configOption())
    .addOption(new Option('--experiment <file>', 'a YAML file that says what fails and what has to hold'))
    .addOption(faultOption('--outage <backend=from..to>', 'its port is closed'))
    .addOption(faultOption('--hang <backend=from..to>', 'it takes connections and answers nothing'))
    .addOption(faultOption('--partition <backend=from..to>', 'packets to it are dropped'))
    .addOption(faultOption('--slow <backend=time@from..to>', 'it takes so much longer to answer'))
    .addOption(faultOption('--reject <backend=status@from..to>', 'it answers with an HTTP status'))
    .addOption(faultOption('--disk-full <backend=from..to>', 'its files cannot be written'))
    .addOption(faultOption('--flap <backend=down/up@from..to>', 'it goes down and up again and again'))
    .addOption(faultOption('--crash <collector@time>', 'the collector dies and starts again; machine@time: its machine'))
    .addOption(new Option('--traffic <rate>', 'spans per second (default: 500/s)').argParser(trafficFlag))
    .addOption(new Option('--spans-per-request <spans>', '(default: 25 requests/s, at most 512 spans)').argParser(countFlag(1)))
    .addOption(new Option('--span-bytes <bytes>', 'what a span takes (default: 600)').argParser(countFlag(1)))
    .addOption(
      new Option('--duration <time>', 'how long traffic flows (default: until after the recovery)').argParser(durationFlag),
    )
    .addOption(new Option('--drain-within <time>', 'how long queues may take to empty (default: 60s)').argParser(durationFlag))
    .addOption(new Option('--sender-retry [time]', 'the sender tries again, for so long (5m)').argParser(durationFlag))
    .addOption(new Option('--failover-within <time>', "(default: the exporters' timeouts and 2s)").argParser(durationFlag))
    .addOption(
      new Option('--recover-within <time>', '(default: two retry_intervals, the timeouts and 2s)').argParser(durationFlag),
    )
    .addOption(new Option('--max-lost <spans>', 'acknowledged spans that may be lost (default: 0)').argParser(countFlag(0)))
    .addOption(
      new Option('--assert <claim>', 'exit 1 unless it holds, such as "p95(failover_time) < 10s"; in place of the verdict')
        .argParser((text: string, before: readonly string[] | undefined) => [...(before ?? []), text])
        .default([], 'none'),
    )
    .addOption(new Option('--seed <number>', 'chance: gRPC and retry jitter').argParser(countFlag(0)))
    .addOption(new Option('--runs <count>', 'runs with different seeds, for percentiles (default: 1)').argParser(countFlag(1)))
    .addOption(collectorVersionOption())
    .addOption(jsonOption())
    .addOption(projectOption())
    .addHelpText('after', EXAMPLES)
    .action(async (configs: string[], options: SimulateOptions) => done(await simulate(configs, options, host)))

const faultOption = (flags: string, description: string): Option =>
  new Option(flags, description)
    .argParser((text: string, before: readonly string[] | undefined) => [...(before ?? []), text])
    .default([], 'none')

/** `500/s` or `500`. */
function trafficFlag(text: string): number {
  const [, digits] = /^(\d+(?:\.\d+)?)(?:\/s)?$/.exec(text) ?? []
  if (digits === undefined) throw new InvalidArgumentError('Expected spans per second, such as 500/s.')
  return Number(digits)
}

const EXAMPLES = `
Times count from the start of traffic; without a window a fault is from 60s to 6m. A backend is called by its exporter, its pipeline,
the name of either, or its level (level0). Assertions know failover_time, recovery_time, sent, acknowledged, refused, unknown, lost,
duplicated, queued and peak_queue; p50(…) to p99(…), min, max and mean are over the runs.

  failoverctl simulate gateway.yaml --outage primary=60s..10m
  failoverctl simulate gateway.yaml --hang level0 --assert "lost == 0" --assert "failover_time < 10s"
  failoverctl simulate gateway.yaml --outage primary=60s..100s --runs 1000 --assert "p95(recovery_time) < 30s"`

// … and work begins here: plain values in, an exit code out.
export async function simulate(configs: readonly string[], options: SimulateOptions, host: Host): Promise<number> {
  const { collectorVersion: version } = options
  const file = options.experiment === undefined ? undefined : await readFile(options.experiment, host)
  const locations = [configs, options.config, file?.config ?? []].find(list => list.length > 0)
  if (!locations)
    throw new FailoverctlError(
      'wrong-use',
      'no config given',
      'Name the collector config: failoverctl simulate config.yaml --outage primary',
    )
  const wish = wishOf(options, file)
  const claims = wish.claims.map(({ text }) => parseClaim(text))
  const { graph, findings } = await checkConfig(locations, version, host)
  const identity = {
    target: 'the model',
    config: locations.join(' + '),
    collector_version: version.text,
    run: newRun(host.random),
  }
  if (graph.failovers.length === 0 || findings.some(({ kind, severity }) => kind === 'refused' && severity === 'error')) {
    const outcome = refusedOutcome(findings, { ...identity, seed: wish.seed ?? 0, notes: [], backends: [] })
    host.terminal.out(options.json ? json({ outcome }) : outcomeText(outcome, painterFor(host.terminal.colour.out)))
    return 1
  }
  const { scenario, failover } = planScenario(wish, graph, drawSeed(host.random))
  const concerned = ruleFindings({ ...graph, failovers: [failover] })
  const simulation = compute({ graph, failover, scenario, findings: concerned, claims, identity })
  host.terminal.out(options.json ? json(simulation) : simulationText(simulation, painterFor(host.terminal.colour.out)))
  const { assertions, outcome } = simulation
  const isFine = assertions.length > 0 ? assertions.every(({ holds }) => holds) : outcome.verdict === 'held'
  return isFine ? 0 : 1
}

async function readFile(path: string, { files }: Host): Promise<ExperimentFile> {
  return readExperiment(path, decodeText(path, await files.read(path)))
}

const FLAGS: readonly (readonly [keyof SimulateOptions, Action, flag: string])[] = [
  ['outage', 'stop', '--outage'],
  ['hang', 'pause', '--hang'],
  ['partition', 'partition', '--partition'],
  ['slow', 'latency', '--slow'],
  ['reject', 'reject', '--reject'],
  ['diskFull', 'disk-full', '--disk-full'],
  ['flap', 'flap', '--flap'],
  ['crash', 'crash', '--crash'],
]

/** As long as a collector's exporter tries. */
const SENDER_RETRY_MS = 300_000

/** What the flags say beats what the file says; faults and assertions of both count. */
function wishOf(options: SimulateOptions, file: ExperimentFile | undefined): Wish {
  const flagged = FLAGS.flatMap(([key, action, flag]) =>
    (options[key] as readonly string[]).map(text => readFault(action, text, flag)),
  )
  const { senderRetry } = options
  return {
    title: file?.title,
    faults: [...(file?.faults ?? []), ...flagged],
    claims: [...(file?.claims ?? []), ...options.assert.map(text => ({ text }))],
    traffic: options.traffic ?? file?.traffic,
    spansPerRequest: options.spansPerRequest ?? file?.spansPerRequest,
    spanBytes: options.spanBytes ?? file?.spanBytes,
    durationMs: options.duration ?? file?.durationMs,
    drainWithinMs: options.drainWithin ?? file?.drainWithinMs,
    senderRetryMs: (senderRetry === true ? SENDER_RETRY_MS : senderRetry) ?? file?.senderRetryMs,
    senderTimeoutMs: file?.senderTimeoutMs,
    failoverWithinMs: options.failoverWithin ?? file?.failoverWithinMs,
    recoverWithinMs: options.recoverWithin ?? file?.recoverWithinMs,
    maxLost: options.maxLost ?? file?.maxLost,
    seed: options.seed ?? file?.seed,
    runs: options.runs ?? file?.runs,
  }
}
