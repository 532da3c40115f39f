import { Command, Option } from 'commander'
import { sleep } from '../core/clock.ts'
import type { Host } from '../core/host.ts'
import { painterFor } from '../core/paint.ts'
import { json } from '../formats/json.ts'
import { statusJson } from '../formats/status-json.ts'
import { statusText } from '../formats/status-text.ts'
import { type Expectation, type Expected, parseExpectations, unmet } from '../watch/expectations.ts'
import { lookAt } from '../watch/look.ts'
import type { CollectorStatus } from '../watch/status.ts'
import { Tracker } from '../watch/tracker.ts'
import { jsonOption } from './flags.ts'
import { durationFlag } from './values.ts'
import { addWatchedFlags, openSource, readLevels, type WatchedOptions } from './watched-flags.ts'

export interface StatusOptions extends WatchedOptions, Expected {
  /** Milliseconds between two looks; undefined: one look, unless something takes two. */
  readonly interval?: number
  readonly json: boolean
}

/** Between two looks where nobody says how long and one says too little. */
const SECOND_LOOK_MS = 1000

// Flags end here …
export const statusCommand = (host: Host, done: (exit: number) => void): Command =>
  addWatchedFlags(
    new Command('status').description(
      'What collectors are doing now: the level of each failover connector with its evidence, what each exporter does, queues, health.',
    ),
  )
    .addOption(new Option('--interval <duration>', 'look twice, so long apart: rates need two looks').argParser(durationFlag))
    .addOption(new Option('--expect-level <level>', "exit 1 unless every connector is at it: 0, '<=1'"))
    .addOption(new Option('--expect-queue <fill>', "exit 1 unless every queue is so full: '<80%', '<=500'"))
    .addOption(new Option('--expect-refused <count>', 'exit 1 unless receivers refuse so many items between two looks'))
    .addOption(
      new Option('--expect-failed <count>', 'exit 1 unless each exporter, and the receivers, fail so many between two looks'),
    )
    .addOption(new Option('--expect-dropped <count>', 'exit 1 unless processors drop or refuse so many between two looks'))
    .addOption(new Option('--expect-health', 'exit 1 unless every health check says yes').default(false))
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(async (options: StatusOptions) => done(await status(options, host)))

const EXAMPLES = `
  failoverctl status --collector http://localhost:8888/metrics --config config.yaml
  failoverctl status --compose compose.yaml --expect-level 0 --expect-queue '<80%' --expect-refused 0
  failoverctl status --kubernetes -l app=collector -n observability --expect-level 0 --json`

// … and work begins here: plain values in, an exit code out.
export async function status(options: StatusOptions, host: Host): Promise<number> {
  const expectations = parseExpectations(options)
  const graph = await readLevels(options, host)
  const source = await openSource(options, graph, host)
  try {
    const trackers = (await source.list()).map(watched => new Tracker(watched, graph))
    const all = await looks(trackers, options, expectations, host)
    const missed = unmet(all, expectations)
    const { terminal } = host
    if (options.json) terminal.out(json(statusJson(all, expectations, missed)))
    else terminal.out(statusText(all, expectations, missed, painterFor(terminal.colour.out)))
    const unread = all.filter(({ problem }) => problem).length
    if (unread === all.length) return 4
    return missed.length > 0 || unread > 0 ? 1 : 0
  } catch (error) {
    if (host.interrupted.aborted) return 130
    throw error
  } finally {
    await source.close()
  }
}

/** One look, and a second where the person wants rates, an expectation speaks of growth, or only growth tells the level. */
async function looks(
  trackers: readonly Tracker[],
  { interval, timeout }: StatusOptions,
  expectations: readonly Expectation[],
  { network, clock, interrupted }: Host,
): Promise<CollectorStatus[]> {
  const look = () =>
    Promise.all(
      trackers.map(async tracker =>
        tracker.take(await lookAt(tracker.watched, { network, clock, timeoutMs: timeout, signal: interrupted })),
      ),
    )
  const first = await look()
  const takesTwo =
    interval !== undefined ||
    expectations.some(({ needsTwo }) => needsTwo) ||
    first.some(({ connectors }) => connectors.some(({ level, levels }) => level === undefined && levels.length > 0))
  if (!takesTwo || first.every(({ problem }) => problem)) return first
  await sleep(clock, interval ?? SECOND_LOOK_MS, interrupted)
  return look()
}
