import { Command, Option } from 'commander'
import { formatDuration } from '../core/duration.ts'
import { FailoverctlError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { type Painter, painterFor } from '../core/paint.ts'
import { json } from '../formats/json.ts'
import { type SendSummary, sendText } from '../formats/send-text.ts'
import { type Destination, destinationOf, redactUrl } from '../otlp/destination.ts'
import { newRun } from '../otlp/identity.ts'
import { judgeReply } from '../otlp/reply.ts'
import { emptyLedger, type SendLedger, sendTraffic } from '../otlp/sender.ts'
import { CONTENT_TYPES } from '../otlp/signal.ts'
import { jsonOption, projectOption, quietOption } from './flags.ts'
import { countFlag, durationFlag, numberFlag } from './values.ts'

export interface SendOptions {
  readonly endpoint: string | undefined
  readonly header: readonly string[]
  readonly rate: number
  readonly count: number | undefined
  readonly duration: number | undefined
  readonly spansPerRequest: number
  readonly connections: number
  readonly timeout: number | undefined
  readonly json: boolean
  readonly quiet: boolean
}

// Flags end here …
export const sendCommand = (host: Host, done: (exit: number) => void): Command =>
  new Command('send')
    .description(
      'Send synthetic traces over OTLP/HTTP JSON, and say what became of every span. Ctrl-C waits for what is in flight.',
    )
    .addOption(new Option('--endpoint <url>', 'base address (default: OTEL_EXPORTER_OTLP_ENDPOINT, or http://localhost:4318)'))
    .addOption(
      new Option(
        '--header <name=value>',
        'sent with every request; may be repeated; better in OTEL_EXPORTER_OTLP_HEADERS, where ps does not show it',
      )
        .argParser((pair: string, pairs: readonly string[]) => [...pairs, pair])
        .default([], 'none'),
    )
    .addOption(
      new Option('--rate <spans>', 'spans per second in all; 0 is as fast as it goes').argParser(numberFlag(0)).default(10),
    )
    .addOption(new Option('--count <spans>', 'end after so many spans').argParser(countFlag(1)))
    .addOption(
      new Option('--duration <duration>', 'end after so long (default: 10s when there is no --count)').argParser(durationFlag),
    )
    .addOption(new Option('--spans-per-request <spans>').argParser(countFlag(1)).default(1))
    .addOption(new Option('--connections <number>', 'requests in flight at once').argParser(countFlag(1)).default(64))
    .addOption(
      new Option('--timeout <duration>', 'for one request (default: OTEL_EXPORTER_OTLP_TIMEOUT, or 10s)').argParser(durationFlag),
    )
    .addOption(jsonOption())
    .addOption(quietOption())
    .addOption(projectOption())
    .action(async (options: SendOptions) => done(await send(options, host)))

// … and work begins here: plain values in, an exit code out.
export async function send(options: SendOptions, host: Host): Promise<number> {
  const destination = await destinationOf(
    'traces',
    { endpoint: options.endpoint, headers: options.header, timeoutMs: options.timeout, protocol: 'http/json' },
    host,
  )
  await preflight(destination, host)
  const run = newRun(host.random)
  const ledger = emptyLedger()
  const startedAt = host.clock.now()
  const { count, duration = count === undefined ? 10_000 : undefined, rate, spansPerRequest } = options
  const stopShowing = options.quiet ? () => {} : showProgress(host, ledger, startedAt)
  try {
    await sendTraffic(
      { destination, run, rate, spansPerRequest, count, durationMs: duration, maxInFlight: options.connections },
      host,
      host.interrupted,
      ledger,
    )
  } finally {
    stopShowing()
  }
  const summary = summarize(ledger, run, redactUrl(destination.url), host.clock.now() - startedAt)
  const paint: Painter = painterFor(host.terminal.colour.out)
  host.terminal.out(options.json ? json(summary) : sendText(summary, paint))
  if (host.interrupted.aborted) return 130
  return summary.refused + summary.unknown > 0 ? 1 : 0
}

/** An empty request, which OTLP has every server accept: a wrong address should not cost a run. */
async function preflight(destination: Destination, { network, clock }: Host): Promise<void> {
  const { url, headers, timeoutMs } = destination
  const body = new TextEncoder().encode('{}')
  const reply = await network.request({
    method: 'POST',
    url,
    headers: { ...headers, 'content-type': CONTENT_TYPES.json },
    body,
    timeoutMs,
  })
  const verdict = judgeReply(reply, clock.epochMs())
  // A server that answers at all is one to send to; only an address where nobody speaks OTLP ends the run here.
  if (reply.kind === 'answer' && ![404, 405, 415].includes(reply.status)) return
  const reason = verdict.kind === 'accepted' ? '' : verdict.reason
  throw new FailoverctlError(
    'no-answer',
    `${redactUrl(url)} does not take OTLP: ${reason}`,
    'Is a receiver with OTLP/HTTP listening there? --endpoint and OTEL_EXPORTER_OTLP_ENDPOINT say where to send.',
  )
}

const PROGRESS_MS = 250

function showProgress({ clock, terminal }: Host, ledger: SendLedger, startedAt: number): () => void {
  let cancel = () => {}
  const show = () => {
    const elapsed = formatDuration(clock.now() - startedAt)
    terminal.status(
      `${elapsed}  ${ledger.sent} sent, ${ledger.acknowledged.size} acknowledged, ${ledger.refused.size} refused, ${ledger.unknown.size} unknown`,
    )
    cancel = clock.timer(PROGRESS_MS, show)
  }
  show()
  return () => {
    cancel()
    terminal.status('')
  }
}

const summarize = (ledger: SendLedger, run: string, url: string, elapsedMs: number): SendSummary => ({
  run,
  url,
  elapsed_s: Math.round(elapsedMs) / 1000,
  sent: ledger.sent,
  acknowledged: ledger.acknowledged.size,
  refused: ledger.refused.size,
  unknown: ledger.unknown.size,
  reasons: Object.fromEntries(ledger.reasons),
  spans_per_second: Math.round((ledger.sent / Math.max(elapsedMs, 1)) * 10_000) / 10,
  latency_ms: {
    p50: rounded(ledger.latency.percentile(0.5)),
    p95: rounded(ledger.latency.percentile(0.95)),
    p99: rounded(ledger.latency.percentile(0.99)),
    max: rounded(ledger.latency.max),
  },
})

const rounded = (ms: number): number => Math.round(ms * 100) / 100
