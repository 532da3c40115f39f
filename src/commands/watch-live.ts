import { Command, Option } from 'commander'
import { parseEndpoint } from '../collector/endpoint.ts'
import { sleep } from '../core/clock.ts'
import { FailoverctlError } from '../core/errors.ts'
import type { Host, Listener } from '../core/host.ts'
import { painterFor } from '../core/paint.ts'
import type { Screen } from '../core/screen.ts'
import { watchJsonLine, watchLine } from '../formats/watch-lines.ts'
import { watchScreen } from '../formats/watch-screen.ts'
import type { WatchEvent } from '../watch/events.ts'
import { watchMetrics } from '../watch/exposition.ts'
import { type Round, Watching } from '../watch/watching.ts'
import { jsonOption } from './flags.ts'
import { countFlag, durationFlag } from './values.ts'
import { addWatchedFlags, openSource, readLevels, type WatchedOptions } from './watched-flags.ts'

export interface WatchOptions extends WatchedOptions {
  readonly interval: number
  readonly for?: number
  readonly count?: number
  readonly serve?: string
  readonly plain: boolean
  readonly json: boolean
}

const LEAST_INTERVAL_MS = 100
/** So many events are kept for the screen. */
const KEPT_EVENTS = 50

// Flags end here …
export const watchCommand = (host: Host, done: (exit: number) => void): Command =>
  addWatchedFlags(
    new Command('watch').description(
      'Watch collectors live: the level of each failover connector over time, traffic, queues, health. q ends it.',
    ),
  )
    .addOption(new Option('--interval <duration>', 'between two looks').argParser(durationFlag).default(1000, '1s'))
    .addOption(new Option('--for <duration>', 'end after so long').argParser(durationFlag))
    .addOption(new Option('--count <looks>', 'end after so many looks').argParser(countFlag(1)))
    .addOption(new Option('--serve <address>', 'serve level, health and queues as Prometheus metrics, at :9464 or host:port'))
    .addOption(
      new Option('--plain', 'a line for each event instead of a picture; so it is anyway where there is no terminal').default(
        false,
      ),
    )
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(async (options: WatchOptions) => done(await watchLive(options, host)))

const EXAMPLES = `
  failoverctl watch --collector http://localhost:8888/metrics --config config.yaml
  failoverctl watch --kubernetes -l app=collector -n observability --config config.yaml
  failoverctl watch --compose compose.yaml --serve :9464 --plain`

// … and work begins here: plain values in, an exit code out.
export async function watchLive(options: WatchOptions, host: Host): Promise<number> {
  const address = options.serve === undefined ? undefined : servedAt(options.serve)
  if (options.interval < LEAST_INTERVAL_MS)
    throw new FailoverctlError(
      'wrong-use',
      `--interval cannot be under ${LEAST_INTERVAL_MS}ms`,
      'A collector is not to be kept busy by being watched.',
    )
  const graph = await readLevels(options, host)
  const source = await openSource(options, graph, host)
  const watching = new Watching(source, graph, { intervalMs: options.interval, timeoutMs: options.timeout }, host)
  let listener: Listener | undefined
  try {
    listener = address && (await host.network.listen(address, ({ path }) => page(path, watching)))
    return await show(watching, listener && `:${listener.port}`, options, host)
  } finally {
    await Promise.all([listener?.close(), source.close()])
  }
}

function servedAt(text: string) {
  const found = parseEndpoint(text)
  if (!found) throw new FailoverctlError('wrong-use', `--serve cannot be ${text}`, 'Write :9464, or 127.0.0.1:9464.')
  return { host: found.host === '' ? '0.0.0.0' : found.host, port: found.port }
}

const page = (path: string, watching: Watching) =>
  path === '/metrics'
    ? { status: 200, headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }, body: watchMetrics(watching.rows) }
    : { status: 404, headers: { 'content-type': 'text/plain' }, body: 'there is /metrics\n' }

/** Shows rounds as they come: on a screen, or as lines. */
async function show(watching: Watching, serving: string | undefined, options: WatchOptions, host: Host): Promise<number> {
  const { clock, terminal, interrupted } = host
  const ended = new AbortController()
  const stop = () => ended.abort()
  if (interrupted.aborted) stop()
  interrupted.addEventListener('abort', stop, { once: true })
  const events: WatchEvent[] = []
  let latest: Round['rows'] = []
  let screen: Screen | undefined
  const paint = painterFor(terminal.colour.out)
  const draw = () =>
    screen?.show(
      watchScreen({ rows: latest, events, atMs: clock.epochMs(), intervalMs: options.interval, serving }, screen, paint),
    )
  if (!options.plain && !options.json) {
    screen = host.openScreen(event => {
      if (event.kind === 'resize') draw()
      else if (event.key === 'q' || event.key === 'Q') stop()
    })
  }
  if (!screen && serving !== undefined) terminal.err(`serves /metrics at ${serving}\n`)
  const line = options.json ? watchJsonLine : (event: WatchEvent) => watchLine(event, paint)
  try {
    await rounds(watching, options, clock, ended.signal, round => {
      latest = round.rows
      events.push(...round.events)
      events.splice(0, Math.max(0, events.length - KEPT_EVENTS))
      if (screen) draw()
      else for (const event of round.events) terminal.out(line(event))
    })
  } finally {
    screen?.close()
    interrupted.removeEventListener('abort', stop)
  }
  // Ctrl-C is how a person ends it; only where an end was set did it come too early.
  const hasEnd = options.for !== undefined || options.count !== undefined
  if (interrupted.aborted && hasEnd) return 130
  return hasEnd && latest.every(({ status }) => status?.problem) ? 4 : 0
}

async function rounds(
  watching: Watching,
  { interval, for: forMs = Number.POSITIVE_INFINITY, count = Number.POSITIVE_INFINITY }: WatchOptions,
  clock: Host['clock'],
  signal: AbortSignal,
  take: (round: Round) => void,
): Promise<void> {
  const startedAt = clock.now()
  try {
    for (let done = 0; done < count; done++) {
      take(await watching.round(signal))
      const spent = clock.now() - startedAt
      // On a grid, so that a slow look does not push all later ones back.
      const next = (Math.floor(spent / interval) + 1) * interval
      if (done + 1 >= count || next > forMs) return
      await sleep(clock, next - spent, signal)
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
