import { InvalidArgumentError, Option } from 'commander'
import { FailoverctlError } from '../core/errors.ts'
import { parseFilter } from '../replay/filter/parse.ts'
import { parseShard, type Shard } from '../replay/shard.ts'
import { parseRate, type Rate } from '../replay/throttle/rate.ts'
import { countFlag, durationFlag, numberFlag } from './values.ts'

/** What a replay sends, how fast, and by whom. */
export interface SteeringOptions {
  readonly rate: readonly Rate[]
  readonly delay: number | undefined
  readonly rampUp: number
  readonly adaptive: boolean
  readonly maxLatencyFactor: number
  readonly canary: number | undefined
  readonly canaryThreshold: number
  readonly since: string | undefined
  readonly until: string | undefined
  readonly filter: string | undefined
  readonly timeShift: string | undefined
  /** undefined: as fast as it goes. */
  readonly speed: number | undefined
  /** true: a run id of its own. */
  readonly mark: string | true | undefined
  readonly dedup: boolean
  readonly shard: Shard | undefined
  readonly dryRun: boolean
  readonly emit: 'kubernetes' | undefined
  readonly shards: number
  readonly image: string
  readonly claim: string
  readonly secret: string | undefined
  readonly jobName: string
  readonly namespace: string | undefined
}

export const steeringOptions = (): Option[] => [
  new Option('--dry-run', 'say what would be sent, and send nothing').default(false),
  new Option('--rate <rate>', 'at most so much: 5000spans/s, 20MB/s, 50req/s; may be repeated')
    .argParser(rateFlag)
    .default([], 'none'),
  new Option('--delay <duration>', 'one request at a time, and a rest after each answer').argParser(durationFlag),
  new Option('--ramp-up <duration>', 'reach the rate only after so long').argParser(durationFlag).default(0, '0s'),
  new Option(
    '--max-latency-factor <factor>',
    "how far the backend's latency may rise above what it is at low load, before less is sent at once",
  )
    .argParser(numberFlag(1.1))
    .default(2),
  new Option('--no-adaptive', 'send as much at once as --concurrency says, however slow the backend becomes'),
  new Option('--canary <share>', 'send such a share first, wait for its answers, and stop when too few are good').argParser(
    shareFlag,
  ),
  new Option('--canary-threshold <share>', 'of the requests of the canary, so many must be taken whole')
    .argParser(shareFlag)
    .default(0.95, '95%'),
  new Option('--since <time>', 'only what was recorded from then on: a time, or a duration back from now'),
  new Option('--until <time>', 'only what was recorded before then'),
  new Option('--filter <condition>', `only what fits, such as 'service.name == "checkout" && severity >= WARN'`).argParser(
    filterFlag,
  ),
  new Option('--dedup', 'send each span once, by trace and span id, within the latest 1.5 million').default(false),
  new Option('--time-shift <shift>', 'move all times: `now` makes the first recorded time now, +2h adds two hours'),
  new Option('--speed <factor>', 'as fast as it was recorded (1x), ten times as fast (10x), or max')
    .argParser(speedFlag)
    .default(undefined, 'max'),
  new Option('--mark [run]', 'add the resource attribute failoverctl.replay.run_id'),
  new Option(
    '--shard <index/count>',
    'send only this part, from 0/16 to 15/16; run without it at the end to put the files away',
  ).argParser(shardFlag),
  new Option('--emit <kind>', 'print a Kubernetes Job that replays in shards, and send nothing').choices(['kubernetes']),
  new Option('--shards <number>', 'with --emit: pods side by side').argParser(countFlag(1)).default(16),
  new Option('--image <name>', 'with --emit: an image whose entry point is failoverctl').default('failoverctl:latest'),
  new Option('--claim <name>', 'with --emit: the PersistentVolumeClaim that is mounted at the path').default('otel-backup'),
  new Option('--secret <name>', 'with --emit: its key `headers` is OTEL_EXPORTER_OTLP_HEADERS'),
  new Option('--job-name <name>', 'with --emit').default('failoverctl-replay'),
  new Option('--namespace <name>', 'with --emit'),
]

function rateFlag(text: string, before: readonly Rate[]): Rate[] {
  const rate = parseRate(text)
  if (!rate) throw new InvalidArgumentError('Expected a rate such as 5000spans/s, 20MB/s or 50req/s.')
  return [...before, rate]
}

/** `1%` or `0.01`. */
function shareFlag(text: string): number {
  const share = /^[\d.]+%$/.test(text) ? Number(text.slice(0, -1)) / 100 : Number(text)
  if (!(share > 0 && share <= 1)) throw new InvalidArgumentError('Expected a share such as 1%.')
  return share
}

function speedFlag(text: string): number | undefined {
  if (text === 'max') return undefined
  const speed = Number(/^([\d.]+)x$/.exec(text)?.[1])
  if (!(speed > 0)) throw new InvalidArgumentError('Expected 1x, 10x or max.')
  return speed
}

function shardFlag(text: string): Shard {
  const shard = parseShard(text)
  if (!shard) throw new InvalidArgumentError('Expected an index and a count, from 0/16 to 15/16.')
  return shard
}

/** Read here, so that a mistake shows before anything is touched. */
function filterFlag(text: string): string {
  parseFilter(text)
  return text
}

/** What contradicts itself. Throws `wrong-use`. */
export function checkSteering({ timeShift, shard, emit, dedup }: SteeringOptions): void {
  const isShared = shard !== undefined || emit !== undefined
  if (isShared && timeShift === 'now')
    throw new FailoverctlError(
      'wrong-use',
      '--time-shift now is another shift for each shard',
      'Give all of them the same, such as --time-shift +2h.',
    )
  if (isShared && dedup)
    throw new FailoverctlError(
      'wrong-use',
      '--dedup sees only the spans of one shard',
      'Replay without --shard, or without --dedup.',
    )
}
