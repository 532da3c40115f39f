import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { deliver } from '../../src/otlp/deliver.ts'
import { plainDestination } from '../../src/otlp/destination.ts'
import { readItems } from '../../src/otlp/encodings.ts'
import { SIGNALS, type Signal } from '../../src/otlp/signal.ts'
import { transcode } from '../../src/otlp/transcode.ts'
import { readSentRuns } from '../../src/sink/sent-runs.ts'
import { Sink } from '../../src/sink/sink.ts'
import { summarize } from '../../src/sink/summary.ts'
import { buildCollector, hasGo } from '../collector/build.mjs'
import { buildTelemetrygen } from '../collector/telemetrygen.mjs'
import { anyRequest, bare } from '../otlp/arbitrary-request.ts'
import { testHost } from '../real-host.ts'
import { CollectorProcess, freePorts } from './collector-process.ts'

const FREE = { host: '127.0.0.1', port: 0 }
const ALL = Object.keys(SIGNALS) as Signal[]

/** Every way in which a collector's exporters speak OTLP to a backend, each to a sink of its own. */
const EXPORTERS: readonly (readonly [id: string, settings: string])[] = [
  ['otlp/none', 'compression: none'],
  ['otlp/gzip', 'compression: gzip'],
  ['otlp_http/proto', 'compression: none'],
  ['otlp_http/proto_gzip', 'compression: gzip'],
  ['otlp_http/proto_zstd', 'compression: zstd'],
  ['otlp_http/json', 'encoding: json, compression: none'],
  ['otlp_http/json_zstd', 'encoding: json, compression: zstd'],
]
const isGrpc = (id: string) => id.startsWith('otlp/')

class Received {
  readonly id: string
  readonly sink: Sink
  /** As JSON, in the order of their arrival. */
  readonly requests: unknown[] = []

  constructor(id: string, host: ReturnType<typeof testHost>) {
    this.id = id
    this.sink = new Sink(
      {
        [isGrpc(id) ? 'grpc' : 'http']: FREE,
        store: async payload => void this.requests.push(JSON.parse(new TextDecoder().decode(transcode(payload, 'json').body))),
      },
      host,
    )
  }

  get address(): string {
    return `127.0.0.1:${this.sink.address(isGrpc(this.id) ? 'grpc' : 'http')?.port}`
  }
}

// Without queues, the collector answers once every exporter has its answer: nothing is to be waited for.
const config = (http: number, grpc: number, sinks: readonly Received[]) => `
receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:${http}"}, grpc: {endpoint: "127.0.0.1:${grpc}"}}}}
exporters:
${sinks
  .map(({ id, address }, index) => {
    const endpoint = isGrpc(id) ? `endpoint: "${address}", tls: {insecure: true}` : `endpoint: "http://${address}"`
    return `  ${id}: {${endpoint}, sending_queue: {enabled: false}, retry_on_failure: {enabled: false}, ${EXPORTERS[index]?.[1]}}`
  })
  .join('\n')}
service:
  telemetry: {metrics: {level: none}}
  pipelines:
${ALL.map(signal => `    ${signal}: {receivers: [otlp], exporters: [${sinks.map(({ id }) => id).join(', ')}]}`).join('\n')}
`

const CHOSEN = new Set(['arrayValue', 'kvlistValue', 'gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'])

/** What the arbitrary requests give every kind of metric, and only some kinds have. */
const NOT_OF: Readonly<Record<string, readonly string[]>> = {
  gauge: ['aggregationTemporality', 'isMonotonic'],
  summary: ['aggregationTemporality', 'isMonotonic'],
  histogram: ['isMonotonic'],
  exponentialHistogram: ['isMonotonic'],
}

/** A request as what it says: without fields of no content, some of which a collector adds, but where one was chosen among several. */
function meaning(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) return value.map(each => meaning(each))
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).map(([key, inner]) => [key, meaning(inner, key)] as const)
  const kept = members.filter(([key, inner]) => (CHOSEN.has(key) || !isEmpty(inner)) && !NOT_OF[name]?.includes(key))
  return name !== '' && kept.length === 0 && !CHOSEN.has(name) ? undefined : Object.fromEntries(kept)
}

const isEmpty = (value: unknown) => value === undefined || (Array.isArray(value) && value.length === 0)

describe.skipIf(!(await hasGo()))('behind a real collector', () => {
  const host = testHost()
  const sinks = EXPORTERS.map(([id]) => new Received(id, host))
  let [http, grpc] = [0, 0]
  let collector: CollectorProcess

  beforeAll(async () => {
    await Promise.all(sinks.map(({ sink }) => sink.open()))
    ;[http, grpc] = (await freePorts(2)) as [number, number]
    collector = new CollectorProcess('gateway', await buildCollector(), [`yaml:${config(http, grpc, sinks)}`], {})
    await collector.start()
  }, 60_000)
  beforeEach(() => {
    for (const { requests } of sinks) requests.length = 0
  })
  afterAll(async () => {
    await collector.stop()
    await Promise.all(sinks.map(({ sink }) => sink.close()))
    await host.network.close()
  })

  test.each([
    ['http/json', 'none'],
    ['http/json', 'gzip'],
    ['http/protobuf', 'none'],
    ['http/protobuf', 'gzip'],
    ['grpc', 'none'],
    ['grpc', 'gzip'],
  ])('everything that send says was acknowledged by %s (%s) is at every sink, once', async (protocol, compression) => {
    const sender = testHost()
    const url = `http://127.0.0.1:${protocol === 'grpc' ? grpc : http}`
    const shape =
      '--depth 3 --services 2 --attributes 3 --cardinality 5 --errors 10% --events 1 --links 1 --metric gauge,sum,histogram'
    const what = `--signal traces,metrics,logs --count 600 --rate 0 --spans-per-request 40 --connections 4 ${shape}`
    const how = `--endpoint ${url} --protocol ${protocol} --compression ${compression} --json --quiet`
    expect(await main(['send', ...what.split(' '), ...how.split(' ')], sender)).toBe(0)
    await sender.network.close()
    const sent = readSentRuns('sent.json', sender.printed.out)
    expect(sent.map(({ signal, acknowledged }) => [signal, acknowledged])).toEqual(ALL.map(signal => [signal, [[1, 200]]]))
    for (const { id, sink } of sinks) {
      const now = host.clock.now()
      const end = {
        startedAt: now,
        now,
        isQuiet: true,
        counts: true,
        expected: undefined,
        sent,
        listening: { http: null, grpc: null },
      }
      const runs = summarize(sink.ledger, end).runs.filter(({ run }) => run === sent[0]?.run)
      const found = runs.map(({ signal, verdict, received, duplicates }) => ({ id, signal, verdict, received, duplicates }))
      expect(found).toEqual(ALL.map(signal => ({ id, signal, verdict: 'complete', received: 200, duplicates: 0 })))
    }
  })

  test.each(ALL)(
    '%s of every kind arrive with the attributes and values that were sent',
    async signal => {
      const encode = (request: unknown) => new TextEncoder().encode(JSON.stringify(request))
      // What holds no item goes no further than the receiver.
      const requests = fc.sample(
        anyRequest(signal).filter(request => readItems({ signal, encoding: 'json', body: encode(request) }).length > 0),
        { seed: 23, numRuns: 40 },
      )
      for (const request of requests) {
        const payload = { signal, encoding: 'json', body: encode(request) } as const
        const verdict = await deliver(plainDestination(signal, `http://127.0.0.1:${http}`), payload, host)
        expect(verdict).toMatchObject({ kind: 'accepted', rejected: 0 })
      }
      const expected = requests.map(request => meaning(bare(request)))
      for (const { id, requests: received } of sinks) {
        expect({ id, received: received.map(request => meaning(bare(request))) }).toEqual({ id, received: expected })
      }
    },
    60_000,
  )
})

describe.skipIf(!(await hasGo()))('telemetrygen', () => {
  const host = testHost()
  let telemetrygen: string
  let sink: Sink
  beforeAll(async () => {
    telemetrygen = await buildTelemetrygen()
  }, 300_000)
  beforeEach(async () => {
    sink = new Sink({ http: FREE, grpc: FREE }, host)
    await sink.open()
  })
  afterEach(() => sink.close())

  const cases: [signal: Signal, args: string, items: number][] = [
    ['traces', '--traces 250 --child-spans 3 --span-links 2 --status-code Error', 1000],
    ['metrics', '--metrics 300 --metric-type Gauge', 300],
    ['metrics', '--metrics 300 --metric-type Sum', 300],
    ['metrics', '--metrics 300 --metric-type Histogram', 300],
    ['metrics', '--metrics 300 --metric-type ExponentialHistogram', 300],
    ['logs', '--logs 300', 300],
  ]
  test.each(cases.flatMap(each => [[...each, 'http'] as const, [...each, 'grpc'] as const]))(
    '%s with %s: all %i are counted over %s',
    async (signal, args, items, protocol) => {
      const endpoint = `127.0.0.1:${sink.address(protocol)?.port}`
      const how = ['--rate', '0', '--otlp-insecure', '--otlp-endpoint', endpoint, ...(protocol === 'http' ? ['--otlp-http'] : [])]
      await promisify(execFile)(telemetrygen, [signal, ...args.split(' '), ...how])
      expect(sink.ledger.of(signal).items).toBe(items)
      expect(sink.ledger.tally.foreign[signal]).toBe(items)
      expect(sink.ledger.malformed).toBe(0)
    },
    30_000,
  )
})
