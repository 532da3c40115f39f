import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Host } from '../core/host.ts'
import { type ExperimentFile, readExperiment } from '../experiment/read-experiment.ts'
import { readFault } from '../experiment/read-fault.ts'
import type { Action, Wish } from '../experiment/wish.ts'
import { decodeText } from '../source/decode-text.ts'
import { countFlag, durationFlag } from './values.ts'

/** What fails and what has to hold, for every command that computes an outage. */
export interface OutageOptions {
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
}

export const withOutageFlags = (command: Command): Command =>
  command
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
      severalTimes(
        new Option('--assert <claim>', 'exit 1 unless it holds, such as "p95(failover_time) < 10s"; in place of the verdict'),
      ),
    )
    .addOption(new Option('--seed <number>', 'chance: gRPC and retry jitter').argParser(countFlag(0)))
    .addOption(new Option('--runs <count>', 'runs with different seeds, for percentiles (default: 1)').argParser(countFlag(1)))

/** An option whose values add up. */
export const severalTimes = (option: Option): Option =>
  option.argParser((text: string, before: readonly string[] | undefined) => [...(before ?? []), text]).default([], 'none')

const faultOption = (flags: string, description: string): Option => severalTimes(new Option(flags, description))

/** `500/s` or `500`. */
function trafficFlag(text: string): number {
  const [, digits] = /^(\d+(?:\.\d+)?)(?:\/s)?$/.exec(text) ?? []
  if (digits === undefined) throw new InvalidArgumentError('Expected spans per second, such as 500/s.')
  return Number(digits)
}

/** What the experiment file says, where one is given. */
export async function readExperimentFile(path: string | undefined, { files }: Host): Promise<ExperimentFile | undefined> {
  return path === undefined ? undefined : readExperiment(path, decodeText(path, await files.read(path)))
}

const FLAGS: readonly (readonly [keyof OutageOptions, Action, flag: string])[] = [
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
export function wishOf(options: OutageOptions, file: ExperimentFile | undefined): Wish {
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
