import { Command, InvalidArgumentError, Option } from 'commander'
import type { Host } from '../core/host.ts'
import { painterFor } from '../core/paint.ts'
import { json } from '../formats/json.ts'
import { replayText } from '../formats/replay-text.ts'
import { SIGNALS, type Signal } from '../otlp/signal.ts'
import { Checkpoint } from '../replay/checkpoint.ts'
import { STATE_FOLDER, stateFolderOf } from '../replay/find.ts'
import type { Processed } from '../replay/finish.ts'
import { readJournals, shardFolders } from '../replay/journals.ts'
import { nextSteps } from '../replay/progress.ts'
import type { Summary } from '../replay/seams.ts'
import { shardFolder } from '../replay/shard.ts'
import { jsonOption, projectOption, quietOption } from './flags.ts'
import { type OtlpOptions, otlpOptions } from './otlp-flags.ts'
import { backendsOf, REPLAY_STRATEGIES, someBackendIsThere, strategyOf } from './replay-backends.ts'
import { emitJob } from './replay-emit.ts'
import { chosenFiles, replayFiles } from './replay-files.ts'
import { checkSteering, type SteeringOptions, steeringOptions } from './replay-flags.ts'
import { lockState } from './replay-locks.ts'
import { planPaths } from './replay-plan.ts'
import { showReplay } from './replay-show.ts'
import { replayStatus } from './replay-status.ts'
import { forgetShift, paceFor, selectionOf, throttleFor } from './replay-steering.ts'
import { countFlag, durationFlag, listFlag } from './values.ts'

export interface ReplayOptions extends OtlpOptions, SteeringOptions {
  readonly endpoint: readonly string[]
  readonly failover: boolean
  readonly strategy: (typeof REPLAY_STRATEGIES)[number] | undefined
  readonly region: readonly string[] | undefined
  readonly signal: Signal | undefined
  readonly processed: Processed
  readonly state: string | undefined
  readonly concurrency: number
  readonly requestBytes: number
  readonly requestItems: number
  readonly maxLine: number
  readonly giveUpAfter: number
  readonly follow: boolean
  readonly quietFor: number
  readonly fromDeadLetter: boolean
  readonly json: boolean
  readonly quiet: boolean
}

const MIB = 1024 * 1024

// Flags end here …
export const replayCommand = (host: Host, done: (exit: number) => void): Command => {
  const command = new Command('replay')
    .description('Send what a backup caught to a backend: nothing lost, and what was settled is not sent again after a crash.')
    .argument(
      '<paths...>',
      "folders, files or patterns of the collector's file exporter; `status <folder>` shows where a replay stands",
    )
    .addOption(
      new Option(
        '--endpoint <url>',
        'base address, with ;priority=1;weight=3;region=eu behind it; may be repeated (default: OTEL_EXPORTER_OTLP_ENDPOINT, or localhost)',
      )
        .argParser((url: string, before: readonly string[]) => [...before, url])
        .default([], 'none'),
    )
    .addOption(
      new Option('--failover', 'fall to the next endpoint while the first fails, instead of waiting for it').default(false),
    )
    .addOption(
      new Option(
        '--strategy <name>',
        'how several endpoints share the work, as docs/engine.md says; --failover is active-passive',
      )
        .choices(REPLAY_STRATEGIES)
        .conflicts('failover'),
    )
    .addOption(
      new Option('--region <names>', 'for geographic: where this runs, then the regions that help, in order').argParser(listFlag),
    )
    .addOption(
      new Option('--signal <name>', 'what protobuf in the backup is, where its content does not tell').choices(
        Object.keys(SIGNALS),
      ),
    )
    .addOption(
      new Option(
        '--processed <what>',
        'what becomes of a file once all of it is settled: it goes to processed/ beside it, stays, or is deleted',
      )
        .choices(['move', 'keep', 'delete'])
        .default('move'),
    )
    .addOption(
      new Option('--state <folder>', `for checkpoint and dead letters (default: ${STATE_FOLDER} in the backup's folder)`),
    )
    .addOption(new Option('--from-dead-letter', 'send the dead letters of earlier replays of these paths again').default(false))
    .addOption(new Option('--follow', 'go on with what the exporter writes, until Ctrl-C').default(false))
    .addOption(
      new Option(
        '--quiet-for <duration>',
        'a file that the exporter may still write to is left alone unless it was quiet for so long',
      )
        .argParser(durationFlag)
        .default(10_000, '10s'),
    )
    .addOption(new Option('--concurrency <number>', 'requests in flight at once').argParser(countFlag(1)).default(16))
    .addOption(
      new Option('--request-bytes <bytes>', 'of a request, at most; one line may be more').argParser(countFlag(1)).default(MIB),
    )
    .addOption(
      new Option('--request-items <number>', 'spans, data points or log records of a request, at most')
        .argParser(countFlag(1))
        .default(10_000),
    )
    .addOption(new Option('--max-line <bytes>', 'a line over this is a dead letter').argParser(lineFlag).default(64 * MIB))
    .addOption(
      new Option('--give-up-after <duration>', 'end when nothing was acknowledged for so long; the next run goes on there')
        .argParser(durationFlag)
        .default(600_000, '10m'),
    )
  for (const option of [...steeringOptions(), ...otlpOptions(), jsonOption(), quietOption(), projectOption()])
    command.addOption(option)
  return command
    .addHelpText('after', EXAMPLES)
    .action(async (paths: string[], options: ReplayOptions) => done(await replayPaths(paths, options, host)))
}

const EXAMPLES = `
The token belongs into OTEL_EXPORTER_OTLP_HEADERS or a --headers-file, where ps does not show it.

  failoverctl replay /var/otel/backup --endpoint https://otlp.example.com
  failoverctl replay /var/otel/backup --dry-run --rate 5000spans/s
  failoverctl replay /var/otel/backup --strategy weighted --endpoint 'http://a:4318;weight=3' --endpoint http://b:4318
  failoverctl replay '/var/otel/backup/traces*.jsonl' --processed keep --filter 'service.name == "checkout"'
  failoverctl replay /backup --emit kubernetes --shards 16 --endpoint https://otlp.example.com --secret otlp
  failoverctl replay status /var/otel/backup
  failoverctl replay /var/otel/backup --from-dead-letter

SIGUSR1 pauses a run, SIGUSR2 resumes it.

Exit codes: 1 dead letters or rejected items, 3 files that cannot be read, 5 stopped before the end: run it again to go on.`

/** Longer text than this cannot be held by Node. */
const MOST_LINE = 256 * MIB

function lineFlag(text: string): number {
  const bytes = countFlag(1)(text)
  if (bytes > MOST_LINE) throw new InvalidArgumentError(`Expected at most ${MOST_LINE}.`)
  return bytes
}

// … and work begins here: plain values in, an exit code out.
export async function replayPaths(paths: readonly string[], options: ReplayOptions, host: Host): Promise<number> {
  const [first, ...rest] = paths
  if (first === 'status' && rest.length > 0 && !(await host.disk.look('status'))) return replayStatus(rest, options, host)
  checkSteering(options)
  if (options.emit) return emitJob(paths, options, host)
  const base = options.state ?? (await stateFolderOf(paths, host))
  if (options.dryRun) return planPaths(paths, options, base, host)
  const strategy = strategyOf(options)
  const backends = await backendsOf(options, host)
  const unlock = await lockState(base, options.shard, host)
  try {
    const state = options.shard ? shardFolder(base, options.shard) : base
    const checkpoint = await Checkpoint.open(state, host)
    try {
      const others = [base, ...(await shardFolders(base, host))].filter(folder => folder !== state)
      checkpoint.adopt(await readJournals(others, host))
      await someBackendIsThere(backends, strategy, host)
      return await run(paths, options, { state, checkpoint, backends, strategy }, host)
    } finally {
      await checkpoint.close().catch(() => {})
    }
  } finally {
    await unlock()
  }
}

interface Prepared {
  readonly state: string
  readonly checkpoint: Checkpoint
  readonly backends: Awaited<ReturnType<typeof backendsOf>>
  readonly strategy: ReturnType<typeof strategyOf>
}

async function run(
  paths: readonly string[],
  options: ReplayOptions,
  { state, checkpoint, backends, strategy }: Prepared,
  host: Host,
): Promise<number> {
  const backups = async () => (await chosenFiles(paths, options, state, checkpoint, host)).backups
  const halt = new AbortController()
  const throttle = await throttleFor(options, backups, host, result => {
    if (!result.passed) halt.abort(`only ${result.worked} of the ${result.requests} requests of the canary were taken whole`)
  })
  const settings = {
    state,
    backends,
    strategy,
    keepsEncoding: keepsEncoding(options, host),
    // A shard sees only its part of a file; its dead letters are all its own.
    processed: options.shard && !options.fromDeadLetter ? ('keep' as const) : options.processed,
    limits: { bytes: options.requestBytes, items: options.requestItems },
    concurrency: options.concurrency,
    maxLine: options.maxLine,
    giveUpMs: options.giveUpAfter,
    signal: options.signal,
    throttle,
    ...(await selectionOf(options, state, { backups, settledIn: id => checkpoint.settledIn(id) }, host)),
    pace: paceFor(options, host),
    halted: halt.signal,
  }
  const shown = showReplay(options, throttle, host)
  try {
    const { summary, leftAlone } = await replayFiles(paths, options, settings, checkpoint, host, shown.observe)
    shown.stop()
    if (summary.stopped === undefined) await forgetShift(state, host)
    const report = { ...summary, leftAlone, state, next: nextSteps(summary) }
    host.terminal.out(options.json ? json(report) : replayText(report, painterFor(host.terminal.colour.out)))
    return exitOf(summary, host)
  } finally {
    shown.stop()
  }
}

/** Where nobody asked for a protocol, a backup goes as it is: a server of OTLP over HTTP takes both encodings. */
const keepsEncoding = ({ protocol }: ReplayOptions, { env }: Host): boolean =>
  protocol === undefined && !Object.keys(env).some(name => /^OTEL_EXPORTER_OTLP_(\w+_)?PROTOCOL$/.test(name) && env[name])

function exitOf(summary: Summary, { interrupted }: Host): number {
  if (interrupted.aborted) return 130
  if (summary.stopped !== undefined) return 5
  if (summary.unreadable.length > 0) return 3
  return summary.deadLettered.lines + summary.rejected.items > 0 ? 1 : 0
}
