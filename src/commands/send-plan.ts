import { FailoverctlError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { seeded } from '../core/random.ts'
import { engineChoice } from '../failover/choice.ts'
import { parseTarget } from '../failover/endpoint.ts'
import type { SendSummary } from '../formats/send-text.ts'
import { type Choice, STRATEGIES } from '../otlp/choose.ts'
import { type Destination, destinationOf } from '../otlp/destination.ts'
import { emptyLedger } from '../otlp/ledger.ts'
import { encodingFor } from '../otlp/preflight.ts'
import type { Lane, Traffic } from '../otlp/sender.ts'
import type { Signal } from '../otlp/signal.ts'
import { fromLines, readLines } from '../otlp/synthesize/from-lines.ts'
import { fromTemplate, readRequest } from '../otlp/synthesize/from-template.ts'
import { countedIds, type Ids, randomIds } from '../otlp/synthesize/ids.ts'
import type { Marks, Source } from '../otlp/synthesize/source.ts'
import { synthetic } from '../otlp/synthesize/synthetic.ts'
import { destinationFlags } from './otlp-flags.ts'
import type { SendOptions } from './send.ts'
import { shapeOf } from './shape-flags.ts'

/** What is to be sent, and where. */
export interface SendPlan extends Traffic {
  readonly ids: Ids
  readonly kindOfIds: SendSummary['ids']
}

/** Requests a second, unless somebody says how large they are to be: enough to see a change, few enough to cost nothing. */
const REQUESTS_PER_SECOND = 100
const MOST_PER_REQUEST = 1000
/** Enough that a server which answers slowly does not slow down the rate. */
const STEADY_CONNECTIONS = 64
/** At full speed more than a few only wait in the server, and cost it memory: a collector on two cores then accepted a third less. */
const BUSY_CONNECTIONS = 16
const DEFAULT_SIGNALS: readonly Signal[] = ['traces']
const DEFAULT_DURATION_MS = 10_000
/** After Ctrl-C. */
const PATIENCE_MS = 5000

export async function planSending(options: SendOptions, run: string, host: Host): Promise<SendPlan> {
  checkCombination(options)
  const ids = options.ids === 'random' ? randomIds(seeded(Number.parseInt(run.slice(8), 16))) : countedIds(run)
  const content = await readContent(options, host)
  const lanes: Lane[] = []
  for (const signal of signalsOf(options, content)) {
    const endpoints = await endpointsOf(signal, options, host)
    const encoding = encodingFor(endpoints[0] as Destination)
    const marks: Marks = { encoding, run, ids, startedAtMs: host.clock.epochMs() }
    const source = content?.source(signal, marks) ?? synthetic({ ...marks, signal, shape: shapeOf(options) })
    const keyOf = options.strategy === 'consistent-hash' ? traceKeys(ids, signal, options.depth) : undefined
    lanes.push({ source, endpoints, ledger: emptyLedger(), ...(keyOf ? { keyOf } : {}) })
  }
  const isUntilTheEnd = options.count !== undefined || (options.from !== undefined && !options.loop)
  return {
    ids,
    kindOfIds: options.ids ?? (options.from === undefined ? 'run' : 'own'),
    lanes,
    rate: options.rate,
    itemsPerRequest: options.spansPerRequest ?? itemsPerRequest(options.rate),
    count: options.count,
    durationMs: options.duration ?? (isUntilTheEnd ? undefined : DEFAULT_DURATION_MS),
    connections: options.connections ?? (options.rate === 0 ? BUSY_CONNECTIONS : STEADY_CONNECTIONS),
    choice: choiceOf(options, host),
    patienceMs: PATIENCE_MS,
  }
}

/** One at a time as long as that is little, then as many as keep the number of requests low. */
export const itemsPerRequest = (rate: number): number =>
  rate === 0 ? MOST_PER_REQUEST : Math.min(MOST_PER_REQUEST, Math.max(1, Math.ceil(rate / REQUESTS_PER_SECOND)))

async function endpointsOf(signal: Signal, options: SendOptions, host: Host): Promise<Destination[]> {
  const endpoints = options.endpoint?.map(text => parseTarget(text).url) ?? [undefined]
  return Promise.all(endpoints.map(endpoint => destinationOf(signal, destinationFlags(options, endpoint), host)))
}

/** The sender's own two, as long as no endpoint says more than its address; the engine for everything else. */
function choiceOf({ endpoint = [], strategy, region: [region, ...regions] = [] }: SendOptions, { random }: Host): Choice {
  const plain = endpoint.every(text => !text.includes(';'))
  if (Object.hasOwn(STRATEGIES, strategy) && plain)
    return STRATEGIES[strategy as keyof typeof STRATEGIES](Math.max(1, endpoint.length))
  if (endpoint.length === 0)
    throw new FailoverctlError('wrong-use', `--strategy ${strategy} needs --endpoint`, 'Repeat it for each.')
  return engineChoice(endpoint.map(parseTarget), strategy === 'failover' ? 'active-passive' : strategy, random, {
    region,
    regions,
  })
}

/** The trace id with which a request begins, as a collector's loadbalancing exporter goes by; of metrics the request's number. */
function traceKeys(ids: Ids, signal: Signal, depth: number): (first: number) => string {
  const words = new Uint32Array(4)
  const perTrace = signal === 'traces' ? depth : 1
  return first => {
    ids.trace(first - ((first - 1) % perTrace), words)
    return words.join('.')
  }
}

/** What a file holds, if there is one to send. */
interface Content {
  readonly signals: readonly Signal[]
  source(signal: Signal, marks: Marks): Source
}

async function readContent({ template, from, loop, ids }: SendOptions, { files }: Host): Promise<Content | undefined> {
  if (template !== undefined) {
    const bytes = await files.read(template)
    const { signal } = readRequest(template, bytes)
    return { signals: [signal], source: (_, marks) => fromTemplate(template, bytes, marks) }
  }
  if (from === undefined) return undefined
  const lines = readLines(from, await files.read(from))
  return {
    signals: [...new Set(lines.map(({ signal }) => signal))],
    source: (signal, marks) => fromLines(lines, signal, loop, marks.encoding, ids === undefined ? undefined : marks),
  }
}

/** Those of a file, as far as they are wanted. */
function signalsOf({ signal: wanted, template, from }: SendOptions, content: Content | undefined): readonly Signal[] {
  if (!content) return wanted ?? DEFAULT_SIGNALS
  const found = content.signals.filter(signal => !wanted || wanted.includes(signal))
  if (found.length > 0) return found
  throw new FailoverctlError(
    'wrong-use',
    `${template ?? from} has no ${wanted?.join(', ')} in it`,
    `It has ${content.signals.join(', ')}: leave out --signal to send them.`,
  )
}

function checkCombination({ template, from, idTable, ids, loop, once, strategy, region }: SendOptions): void {
  const wrong = (message: string, hint: string) => new FailoverctlError('wrong-use', message, hint)
  if (strategy === 'geographic' && !region?.length)
    throw wrong('--strategy geographic needs --region', 'Say where this sender is, and give each --endpoint its ;region=NAME.')
  if (region !== undefined && strategy !== 'geographic')
    throw wrong('--region is for --strategy geographic', 'Leave it out, or choose that strategy.')
  if (strategy === 'consistent-hash' && from !== undefined && ids === undefined)
    throw wrong('--strategy consistent-hash goes by ids that this sender makes', 'Add --ids run or --ids random.')
  if (template !== undefined && from !== undefined)
    throw wrong('--template and --from both say what to send', 'Give one of them.')
  if (loop && from === undefined) throw wrong('--loop needs --from', 'It sends the lines of that file again and again.')
  if (idTable === undefined) return
  if (ids !== 'random') throw wrong('--id-table needs --ids random', 'Other ids tell run and sequence number by themselves.')
  if (template !== undefined || from !== undefined || once)
    throw wrong('--id-table is for synthetic telemetry', 'Leave out --template, --from and --once.')
}
