import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { deliver } from '../../src/otlp/deliver.ts'
import { type Destination, PROTOCOLS, plainDestination } from '../../src/otlp/destination.ts'
import { encodingFor } from '../../src/otlp/preflight.ts'
import { type Encoding, SIGNALS, type Signal } from '../../src/otlp/signal.ts'
import { countedIds } from '../../src/otlp/synthesize/ids.ts'
import { PLAIN, type Shape } from '../../src/otlp/synthesize/shape.ts'
import type { Outgoing } from '../../src/otlp/synthesize/source.ts'
import { synthetic } from '../../src/otlp/synthesize/synthetic.ts'
import { transcode } from '../../src/otlp/transcode.ts'
import { Sink } from '../../src/sink/sink.ts'
import { buildCollector, hasGo } from '../collector/build.mjs'
import { bare } from '../otlp/arbitrary-request.ts'
import { testHost } from '../real-host.ts'
import { CollectorProcess, freePorts } from './collector-process.ts'

const RUN = '0123456789abcdef'
const NOW = 1_763_000_000_000
const ALL = Object.keys(SIGNALS) as Signal[]

/** As much as a request can hold. */
const RICH: Shape = {
  ...PLAIN,
  services: 2,
  resourceAttributes: [{ key: 'host.name', value: 'bücher' }],
  itemAttributes: [{ key: 'a"b', value: '\u0000\\' }],
  attributes: 2,
  cardinality: 20,
  depth: 3,
  errors: 0.5,
  events: 2,
  links: 2,
  metrics: ['gauge', 'sum', 'histogram'],
  body: 'first\nsecond',
}

const config = (http: number, grpc: number, sink: number) => `
receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:${http}"}, grpc: {endpoint: "127.0.0.1:${grpc}"}}}}
exporters: {otlp_http: {endpoint: "http://127.0.0.1:${sink}", encoding: json, compression: none, sending_queue: {enabled: false}, retry_on_failure: {enabled: false}}}
service:
  telemetry: {metrics: {level: none}}
  pipelines:
${ALL.map(signal => `    ${signal}: {receivers: [otlp], exporters: [otlp_http]}`).join('\n')}
`

/** The second request of a source, so that it is one whose bytes were used before. */
function requestOf(signal: Signal, encoding: Encoding): Outgoing {
  const source = synthetic({ signal, encoding, shape: RICH, run: RUN, ids: countedIds(RUN), startedAtMs: NOW - 1000 })
  source.next(1, 12, NOW - 500)?.settled()
  return source.next(13, 12, NOW) as Outgoing
}

/** A status that is unset is written by some and left out by others. */
const meaning = (value: unknown) => JSON.parse(JSON.stringify(bare(value)).replaceAll(',"status":{}', ''))

describe.skipIf(!(await hasGo()))('a real collector', () => {
  const host = testHost()
  const received: unknown[] = []
  const sink = new Sink(
    {
      http: { host: '127.0.0.1', port: 0 },
      store: async payload => void received.push(JSON.parse(new TextDecoder().decode(transcode(payload, 'json').body))),
    },
    host,
  )
  let [http, grpc] = [0, 0]
  let collector: CollectorProcess
  beforeAll(async () => {
    await sink.open()
    ;[http, grpc] = (await freePorts(2)) as [number, number]
    const text = config(http, grpc, sink.address('http')?.port as number)
    collector = new CollectorProcess('gateway', await buildCollector(), [`yaml:${text}`], {})
    await collector.start()
  }, 60_000)
  beforeEach(() => {
    received.length = 0
  })
  afterAll(async () => {
    await collector.stop()
    await sink.close()
    await host.network.close()
  })

  const ways = ALL.flatMap(signal => PROTOCOLS.map(protocol => [signal, protocol] as const))
  test.each(ways)('reads the %s that send patches together by %s as they are meant', async (signal, protocol) => {
    const destination: Destination =
      protocol === 'grpc'
        ? { ...plainDestination(signal, ''), protocol, url: `http://127.0.0.1:${grpc}` }
        : { ...plainDestination(signal, `http://127.0.0.1:${http}`), protocol }
    const { payload } = requestOf(signal, encodingFor(destination))
    expect(await deliver(destination, payload, host)).toMatchObject({ kind: 'accepted', rejected: 0 })
    const expected = JSON.parse(new TextDecoder().decode(requestOf(signal, 'json').payload.body))
    expect(received.map(meaning)).toEqual([meaning(expected)])
  })
})
