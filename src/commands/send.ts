import { Command, InvalidArgumentError, Option } from 'commander'
import type { Host } from '../core/host.ts'
import { painterFor } from '../core/paint.ts'
import { SENDER_STRATEGIES } from '../failover/choice.ts'
import { json } from '../formats/json.ts'
import { sendText } from '../formats/send-text.ts'
import { STRATEGIES, type Strategy } from '../otlp/choose.ts'
import type { Destination } from '../otlp/destination.ts'
import { newRun } from '../otlp/identity.ts'
import { preflight } from '../otlp/preflight.ts'
import { type Lane, sendTraffic } from '../otlp/sender.ts'
import { SIGNALS, type Signal } from '../otlp/signal.ts'
import { jsonOption, projectOption, quietOption } from './flags.ts'
import { type OtlpOptions, otlpOptions } from './otlp-flags.ts'
import { writeIdTable } from './send-id-table.ts'
import { sendOnce } from './send-once.ts'
import { planSending } from './send-plan.ts'
import { showProgress } from './send-progress.ts'
import { summarize } from './send-summary.ts'
import { type ShapeOptions, shapeOptions } from './shape-flags.ts'
import { countFlag, durationFlag, listFlag, numberFlag } from './values.ts'

export interface SendOptions extends OtlpOptions, ShapeOptions {
  /** undefined: the environment says where. */
  readonly endpoint: readonly string[] | undefined
  readonly strategy: Strategy | (typeof SENDER_STRATEGIES)[number]
  /** Where this sender is, then the regions that help, in order; for `geographic`. */
  readonly region: readonly string[] | undefined
  /** undefined: traces. */
  readonly signal: readonly Signal[] | undefined
  readonly rate: number
  readonly count: number | undefined
  readonly duration: number | undefined
  /** undefined: as the rate asks for. */
  readonly spansPerRequest: number | undefined
  /** undefined: as the rate asks for. */
  readonly connections: number | undefined
  readonly template: string | undefined
  readonly from: string | undefined
  readonly loop: boolean
  /** undefined: by run and sequence, but those of `from` as they are. */
  readonly ids: 'run' | 'random' | undefined
  readonly idTable: string | undefined
  readonly once: boolean
  readonly json: boolean
  readonly quiet: boolean
}

// Flags end here …
export const sendCommand = (host: Host, done: (exit: number) => void): Command => {
  const command = new Command('send')
    .description('Send traces, metrics and logs over OTLP, and say what became of each. Ctrl-C waits for what is in flight.')
    .addOption(
      new Option(
        '--endpoint <url>',
        'base address, with ;priority=1;weight=3;region=eu behind it; may be repeated (default: OTEL_EXPORTER_OTLP_ENDPOINT, or localhost)',
      ).argParser((url: string, before: readonly string[] | undefined) => [...(before ?? []), url]),
    )
    .addOption(
      new Option('--strategy <name>', 'of several endpoints: each in turn, the first that works, or as docs/engine.md says')
        .choices([...Object.keys(STRATEGIES), ...SENDER_STRATEGIES])
        .default('failover'),
    )
    .addOption(
      new Option('--region <names>', 'for geographic: where this sender is, then those that help, in order').argParser(listFlag),
    )
    .addOption(
      new Option('--signal <names>', `some of ${Object.keys(SIGNALS).join(',')} (default: traces)`).argParser(signalFlag),
    )
    .addOption(new Option('--once', 'send one, and print it with its answer').default(false))
    .addOption(
      new Option('--rate <number>', 'spans, data points and log records per second in all; 0 is as fast as it goes')
        .argParser(numberFlag(0))
        .default(10),
    )
    .addOption(new Option('--count <number>', 'end after so many').argParser(countFlag(1)))
    .addOption(
      new Option('--duration <duration>', 'end after so long (default: 10s when there is no --count)').argParser(durationFlag),
    )
    .addOption(
      new Option(
        '--spans-per-request <number>',
        'or data points, or log records (default: to make about 100 requests a second, at most 1000)',
      ).argParser(countFlag(1)),
    )
    .addOption(
      new Option('--connections <number>', 'requests in flight at once (default: 64, or 16 with --rate 0)').argParser(
        countFlag(1),
      ),
    )
    .addOption(
      new Option('--template <file>', 'an OTLP/JSON request to send with new ids, times and numbers; - is standard input'),
    )
    .addOption(new Option('--from <file>', 'send the requests in a JSONL file, as they are unless --ids is given'))
    .addOption(new Option('--loop', 'begin the file again at its end').default(false))
    .addOption(new Option('--ids <kind>', 'by run and sequence number (default), or as if by chance').choices(['run', 'random']))
    .addOption(new Option('--id-table <file>', 'write which random id has which number, as CSV'))
  for (const option of [...shapeOptions(), ...otlpOptions(), jsonOption(), quietOption(), projectOption()])
    command.addOption(option)
  return command.addHelpText('after', EXAMPLES).action(async (options: SendOptions) => done(await send(options, host)))
}

const EXAMPLES = `
Every span, data point and log record carries the run and its number, so that failoverctl sink can say what is missing.

  failoverctl send --once
  failoverctl send --rate 1000 --duration 1m --signal traces,metrics,logs
  failoverctl send --endpoint http://a:4318 --endpoint http://b:4318 --strategy round-robin
  failoverctl send --template request.json --rate 50`

function signalFlag(text: string, before: readonly Signal[] | undefined): Signal[] {
  const names = [...new Set(listFlag(text, before))]
  if (names.length === 0 || names.some(name => !Object.hasOwn(SIGNALS, name)))
    throw new InvalidArgumentError(`Expected some of ${Object.keys(SIGNALS).join(', ')}.`)
  return names as Signal[]
}

// … and work begins here: plain values in, an exit code out.
export async function send(options: SendOptions, host: Host): Promise<number> {
  const run = newRun(host.random)
  const plan = await planSending(options, run, host)
  if (options.once) return sendOnce(plan.lanes, options.json, host)
  await someoneIsThere(plan.lanes, host)
  const startedAt = host.clock.now()
  const stopShowing = options.quiet ? () => {} : showProgress(host, plan, startedAt)
  const sent = await sendTraffic(plan, host, host.interrupted).finally(stopShowing)
  const summary = summarize(plan, sent, run, host.clock.now() - startedAt)
  if (options.idTable !== undefined) await writeIdTable(options.idTable, plan, options.depth, host)
  host.terminal.out(options.json ? json(summary) : sendText(summary, painterFor(host.terminal.colour.out)))
  if (host.interrupted.aborted) return 130
  return summary.refused + summary.unknown + summary.not_sent > 0 ? 1 : 0
}

/** One of several endpoints is enough: to go on without the others is what they are for. */
async function someoneIsThere(lanes: readonly Lane[], host: Host): Promise<void> {
  for (const { source, endpoints } of lanes) {
    const checks = endpoints.map((endpoint: Destination) => preflight(endpoint, source.signal, host))
    const results = await Promise.allSettled(checks)
    const [first] = results
    if (first?.status === 'rejected' && results.every(({ status }) => status === 'rejected')) throw first.reason
  }
}
