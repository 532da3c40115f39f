import { Command, Option } from 'commander'
import { FailoverctlError } from '../core/errors.ts'
import type { Address, Host, Tls } from '../core/host.ts'
import { painterFor } from '../core/paint.ts'
import { drawSeed } from '../core/random.ts'
import { json } from '../formats/json.ts'
import { sinkText } from '../formats/sink-text.ts'
import { FAULTS } from '../sink/faults/index.ts'
import { type Fault, parseFault, parseFlap } from '../sink/parse-fault.ts'
import { readSentRuns } from '../sink/sent-runs.ts'
import { Sink } from '../sink/sink.ts'
import { jsonLines } from '../sink/store.ts'
import { summarize } from '../sink/summary.ts'
import { jsonOption, projectOption, quietOption } from './flags.ts'
import { type Ending, untilTheEnd } from './sink-end.ts'
import { countFlag, durationFlag, portFlag } from './values.ts'

export interface SinkOptions {
  readonly host: string
  readonly port: number
  readonly grpcPort: number
  readonly http: boolean
  readonly grpc: boolean
  readonly fault: readonly string[]
  readonly flap: string | undefined
  readonly seed: number | undefined
  readonly expect: number | undefined
  readonly expectFrom: readonly string[]
  readonly untilQuiet: number | undefined
  readonly duration: number | undefined
  readonly count: number | undefined
  readonly out: string | undefined
  readonly parse: boolean
  readonly tlsCert: string | undefined
  readonly tlsKey: string | undefined
  readonly clientCa: string | undefined
  readonly maxRequestBytes: number | undefined
  readonly json: boolean
  readonly quiet: boolean
}

const repeated = (text: string, before: readonly string[]) => [...before, text]

// Flags end here …
export const sinkCommand = (host: Host, done: (exit: number) => void): Command =>
  new Command('sink')
    .description('Receive OTLP, count every item that send has numbered, say what is missing, and misbehave on request.')
    .addOption(new Option('--host <address>', 'where to listen').default('127.0.0.1'))
    .addOption(new Option('--port <number>', 'of OTLP/HTTP; 0 is a free one').argParser(portFlag).default(4318))
    .addOption(new Option('--grpc-port <number>', 'of OTLP/gRPC; 0 is a free one').argParser(portFlag).default(4317))
    .addOption(new Option('--no-http', 'do not speak HTTP'))
    .addOption(new Option('--no-grpc', 'do not speak gRPC'))
    .addOption(new Option('--fault <fault>', 'misbehave: see below; may be repeated').argParser(repeated).default([], 'none'))
    .addOption(new Option('--flap <well/ill>', 'be gone by turns: 5s/5s is --fault refuse@5s/5s'))
    .addOption(new Option('--seed <number>', 'of the faults that go by chance').argParser(countFlag(0)))
    .addOption(new Option('--expect <items>', 'the numbers 1 to this one should arrive').argParser(countFlag(1)))
    .addOption(
      new Option('--expect-from <file>', 'what send --json has printed, read at the end; may be repeated')
        .argParser(repeated)
        .default([], 'none'),
    )
    .addOption(new Option('--until-quiet <duration>', 'end when nothing has come for so long').argParser(durationFlag))
    .addOption(new Option('--duration <duration>', 'end after so long').argParser(durationFlag))
    .addOption(new Option('--count <items>', 'end after so many items').argParser(countFlag(1)))
    .addOption(new Option('--out <file>', "append each request as a line of JSON, as the collector's file exporter does"))
    .addOption(new Option('--no-parse', 'do not look into requests: count only them and their bytes'))
    .addOption(new Option('--tls-cert <file>', 'serve with TLS: certificate as PEM; with --tls-key'))
    .addOption(new Option('--tls-key <file>', 'the key of --tls-cert, as PEM'))
    .addOption(new Option('--client-ca <file>', 'ask clients for a certificate of this authority'))
    .addOption(
      new Option('--max-request-bytes <bytes>', 'unpacked (default: 20 MiB over HTTP, 64 MiB over gRPC)').argParser(countFlag(1)),
    )
    .addOption(jsonOption())
    .addOption(quietOption())
    .addOption(projectOption())
    .addHelpText('after', helpText())
    .action(async (options: SinkOptions) => done(await sink(options, host)))

function helpText(): string {
  const width = Math.max(...FAULTS.map(({ usage }) => usage.length))
  const faults = FAULTS.map(({ usage, what }) => `  ${usage.padEnd(width)}  ${what}\n`).join('')
  return `
A fault is kind[=value][,option=value][:chance][@when]; several meet a request in their order:
${faults}
  :10%  only a tenth of the requests     @10s..20s, @30s..  only then     @5s/5s  5s well, 5s ill, by turns

  failoverctl sink --fault 'status=503,retry-after=2s@10s..20s'
  failoverctl send --count 10000 --json > sent.json & failoverctl sink --until-quiet 5s --expect-from sent.json`
}

// … and work begins here: plain values in, an exit code out.
export async function sink(options: SinkOptions, host: Host): Promise<number> {
  const { terminal, clock, files } = host
  checkCombination(options)
  const faults = faultsOf(options)
  const seed = options.seed ?? drawSeed(host.random)
  const running = new Sink(
    {
      ...addresses(options),
      tls: await tlsOf(options, host),
      maxRequestBytes: options.maxRequestBytes,
      counts: options.parse,
      store: options.out === undefined ? undefined : jsonLines(options.out, files),
      seed,
    },
    host,
  )
  if (options.out !== undefined)
    await files.append(options.out, new Uint8Array()).catch(error => Promise.reject(notWritable(options.out, error)))
  await running.open().catch(error => Promise.reject(elsewhere(error)))
  const startedAt = clock.now()
  const listening = { http: urlOf(running.address('http'), options), grpc: urlOf(running.address('grpc'), options) }
  await running.become(faults)
  if (!options.quiet) terminal.err(announcement(listening, faults, seed))
  let ending: Ending
  try {
    ending = await untilTheEnd(running, options, host)
  } finally {
    await running.close()
  }
  const end = { listening, startedAt, now: clock.now(), isQuiet: ending.isQuiet, counts: options.parse, expected: options.expect }
  const { sent, unread } = await readExpectations(options.expectFrom, host)
  const summary = summarize(running.ledger, { ...end, sent })
  terminal.out(options.json ? json(summary) : sinkText(summary, painterFor(terminal.colour.out)))
  if (unread) throw unread
  return summary.verdict === null || summary.verdict === 'complete' ? 0 : 1
}

const addresses = ({ host, port, grpcPort, http, grpc }: SinkOptions): { http?: Address; grpc?: Address } => ({
  ...(http ? { http: { host, port } } : {}),
  ...(grpc ? { grpc: { host, port: grpcPort } } : {}),
})

function faultsOf({ fault, flap }: SinkOptions): Fault[] {
  const flapping = flap === undefined ? [] : [{ ...parseFault('refuse'), text: `refuse@${flap}`, when: parseFlap(flap) }]
  return [...fault.map(parseFault), ...flapping]
}

function checkCombination({ http, grpc, tlsCert, tlsKey, clientCa, parse, expect, expectFrom, count }: SinkOptions): void {
  const wrong = (message: string, hint: string) => new FailoverctlError('wrong-use', message, hint)
  if (!http && !grpc) throw wrong('--no-http and --no-grpc leave nothing to listen on', 'Leave out one of them.')
  if ((tlsCert === undefined) !== (tlsKey === undefined)) throw wrong('--tls-cert and --tls-key go together', 'Give both.')
  if (clientCa !== undefined && tlsCert === undefined) throw wrong('--client-ca needs TLS', 'Give --tls-cert and --tls-key, too.')
  if (!parse && (expect !== undefined || expectFrom.length > 0 || count !== undefined))
    throw wrong('--no-parse counts no items', 'Leave it out, or leave out --expect, --expect-from and --count.')
}

async function tlsOf({ tlsCert, tlsKey, clientCa }: SinkOptions, { files }: Host): Promise<Tls | undefined> {
  if (tlsCert === undefined || tlsKey === undefined) return undefined
  const read = async (path: string) => new TextDecoder().decode(await files.read(path))
  return {
    cert: await read(tlsCert),
    key: await read(tlsKey),
    verify: true,
    ...(clientCa === undefined ? {} : { ca: await read(clientCa) }),
  }
}

function urlOf(address: Address | undefined, { tlsCert }: SinkOptions): string | null {
  if (!address) return null
  const name = address.host.includes(':') ? `[${address.host}]` : address.host
  return `${tlsCert === undefined ? 'http' : 'https'}://${name}:${address.port}`
}

const notWritable = (path: string | undefined, error: NodeJS.ErrnoException) =>
  error instanceof FailoverctlError
    ? error
    : new FailoverctlError(
        'unwritable',
        `${path}: cannot be written (${error.code ?? error.message})`,
        'Name another file with --out.',
        error,
      )

function elsewhere(error: unknown): unknown {
  if (!(error instanceof FailoverctlError) || error.code !== 'port-in-use') return error
  return new FailoverctlError(
    error.code,
    error.message,
    'Stop what holds it, or listen elsewhere with --port and --grpc-port.',
    error,
  )
}

function announcement(
  { http, grpc }: { http: string | null; grpc: string | null },
  faults: readonly Fault[],
  seed: number,
): string {
  const where = [...(http ? [`OTLP/HTTP on ${http}`] : []), ...(grpc ? [`OTLP/gRPC on ${grpc}`] : [])].join(', ')
  const byChance = faults.some(({ chance, text }) => chance < 1 || text.includes('%'))
  const wrong =
    faults.length > 0 ? `  faults: ${faults.map(({ text }) => text).join(' ')}${byChance ? `, seed ${seed}` : ''}\n` : ''
  return `Receiving ${where}. Ctrl-C ends it and counts.\n${wrong}`
}

/** A summary that cannot be read costs the verdict, not the counts: they are printed before the error is. */
async function readExpectations(paths: readonly string[], { files }: Host) {
  try {
    const texts = await Promise.all(paths.map(async path => readSentRuns(path, new TextDecoder().decode(await files.read(path)))))
    return { sent: texts.flat(), unread: undefined }
  } catch (error) {
    return { sent: [], unread: error }
  }
}
