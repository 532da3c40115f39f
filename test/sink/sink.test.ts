import { afterEach, describe, expect, test } from 'vitest'
import { OTLP_METHODS } from '../../src/core/grpc.ts'
import type { HttpReply } from '../../src/core/host.ts'
import { SIGNALS, type Signal } from '../../src/otlp/signal.ts'
import { parseFault } from '../../src/sink/parse-fault.ts'
import { Sink } from '../../src/sink/sink.ts'
import { testHost } from '../real-host.ts'
import { logsOf, metricsOf, RUN, tracesOf } from './requests.ts'

const host = testHost()
const FREE = { host: '127.0.0.1', port: 0 }
let sink: Sink

async function start(faults: readonly string[] = [], settings: object = {}): Promise<void> {
  sink = new Sink({ http: FREE, grpc: FREE, seed: 1, ...settings }, host)
  await sink.open()
  await sink.become(faults.map(parseFault))
}
afterEach(() => sink.close())

const origin = (protocol: 'http' | 'grpc') => `http://127.0.0.1:${sink.address(protocol)?.port}`
const post = (body: Uint8Array, signal: Signal = 'traces', type = 'application/json'): Promise<HttpReply> =>
  host.network.request({
    method: 'POST',
    url: origin('http') + SIGNALS[signal],
    headers: { 'content-type': type },
    body,
    timeoutMs: 1000,
  })
const call = (body: Uint8Array, signal: Signal = 'traces') =>
  host.network.call({ url: origin('grpc'), path: OTLP_METHODS[signal], body, timeoutMs: 1000 })
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const shown = (reply: HttpReply) =>
  reply.kind === 'answer'
    ? { status: reply.status, retryAfter: reply.headers['retry-after'], body: text(reply.body) }
    : reply.kind

// ResourceSpans { ScopeSpans { Span { trace_id, span_id } } } for the spans of RUN.
function protobufSpans(from: number, count: number): Uint8Array {
  const spans = Array.from({ length: count }, (_, index) => {
    const number = Buffer.alloc(8)
    number.writeUInt32BE(from + index, 4)
    return block(2, [...block(1, [...Buffer.from(RUN, 'hex'), ...number]), ...block(2, [...number])])
  })
  return Uint8Array.from(block(1, block(2, spans.flat())))
}
const block = (field: number, bytes: readonly number[]): number[] => [
  field * 8 + 2,
  ...(bytes.length < 128 ? [bytes.length] : [(bytes.length & 127) | 128, bytes.length >> 7]),
  ...bytes,
]

test('all signals and both protocols come to the same count, by run and signal', async () => {
  await start()
  expect(shown(await post(tracesOf(1, 3)))).toMatchObject({ status: 200, body: '{"partialSuccess":{}}' })
  expect(shown(await post(protobufSpans(4, 2), 'traces', 'application/x-protobuf'))).toMatchObject({ status: 200, body: '' })
  expect(await call(protobufSpans(6, 2))).toMatchObject({ kind: 'answer', code: 0 })
  await post(logsOf(1, 4), 'logs')
  await post(metricsOf(1, 5), 'metrics')
  await post(new TextEncoder().encode('{"resourceLogs":[{"scopeLogs":[{"logRecords":[{},{}]}]}]}'), 'logs')
  const { ledger } = sink
  const { traces, logs, metrics } = ledger.tally.of(RUN)
  expect([traces, logs, metrics].map(({ seen }) => [...seen].length)).toEqual([7, 4, 5])
  expect(ledger.tally.foreign).toEqual({ traces: 0, metrics: 0, logs: 2 })
  expect(ledger.of('logs')).toMatchObject({ requests: 2, items: 6 })
  const metricsText = await host.network.request({ method: 'GET', url: `${origin('http')}/metrics`, timeoutMs: 1000 })
  expect(metricsText.kind === 'answer' && text(metricsText.body)).toContain(
    `failoverctl_sink_run_items_total{run="${RUN}",signal="traces"} 7\n`,
  )
})

test('what is no request is told, counted apart, and counts nothing', async () => {
  await start()
  expect(shown(await post(new TextEncoder().encode('[')))).toMatchObject({ status: 400 })
  const half = protobufSpans(1, 9).subarray(0, -3)
  expect(shown(await post(half, 'traces', 'application/x-protobuf'))).toMatchObject({ status: 400 })
  expect(await call(half)).toMatchObject({ code: 13, message: expect.stringContaining('grpc: error unmarshalling request') })
  expect([sink.ledger.malformed, sink.ledger.of('traces').items]).toEqual([3, 0])
})

describe('faults over HTTP and gRPC', () => {
  const cases: [fault: string, http: unknown, grpc: unknown][] = [
    ['status=503', { status: 503, retryAfter: undefined }, { code: 14, retryDelayMs: undefined }],
    ['status=429,retry-after=1500ms', { status: 429, retryAfter: '2' }, { code: 8, retryDelayMs: 1500 }],
    ['status=400', { status: 400 }, { code: 3 }],
    ['status=401', { status: 401 }, { code: 16 }],
    ['status=500', { status: 500 }, { code: 2 }],
    ['status=ABORTED', { status: 503 }, { code: 10 }],
    ['partial=2', { status: 200, body: expect.stringContaining('"rejectedSpans":"2"') }, { code: 0 }],
    ['refuse', 'not-sent', { kind: 'not-sent' }],
    ['reset', 'no-answer', { kind: 'no-answer', timedOut: false }],
    ['hang', 'no-answer', { kind: 'no-answer', timedOut: true }],
    ['slow=20ms', { status: 200 }, { code: 0 }],
    ['drop', { status: 200 }, { code: 0 }],
  ]
  test.each(cases)('%s', async (fault, http, grpc) => {
    await start([fault])
    const reply = shown(await post(tracesOf(1, 3)))
    if (typeof http === 'string') expect(reply).toBe(http)
    else expect(reply).toMatchObject(http as object)
    expect(await call(protobufSpans(1, 3))).toMatchObject(grpc as object)
  })
})

test('a port that was closed opens again where it was', async () => {
  await start(['refuse@0s..200ms'])
  const before = origin('http')
  expect(shown(await post(tracesOf(1, 1)))).toBe('not-sent')
  await new Promise(resolve => host.clock.timer(300, () => resolve(undefined)))
  expect(origin('http')).toBe(before)
  expect(shown(await post(tracesOf(1, 1)))).toMatchObject({ status: 200 })
  expect(await call(protobufSpans(2, 1))).toMatchObject({ code: 0 })
  expect([...sink.ledger.tally.of(RUN).traces.seen]).toEqual([1, 2])
})

test('a request that is too large is refused as a collector refuses it', async () => {
  await start([], { maxRequestBytes: 1000 })
  expect(shown(await post(tracesOf(1, 50)))).toMatchObject({ status: 400, body: expect.stringContaining('too large') })
  expect(await call(protobufSpans(1, 50))).toMatchObject({ code: 8 })
  expect(sink.ledger.of('traces').items).toBe(0)
})

test('a client that gives up on a hanging sink is counted over HTTP when it goes on, and not over gRPC', async () => {
  await start(['hang@0s..1500ms'])
  const [http, grpc] = await Promise.all([post(tracesOf(1, 1)), call(protobufSpans(2, 1))])
  expect([http.kind, grpc.kind]).toEqual(['no-answer', 'no-answer'])
  await new Promise(resolve => host.clock.timer(1000, () => resolve(undefined)))
  expect([[...sink.ledger.tally.of(RUN).traces.seen], sink.ledger.abandoned]).toEqual([[1], 1])
})

test('what was taken before the port closed has been answered', async () => {
  for (let round = 0; round < 8; round++) {
    await start()
    let acknowledged = 0
    let isOver = false
    const body = protobufSpans(1, 1)
    const sendUntilTheEnd = async () => {
      while (!isOver) {
        const reply = await call(body)
        if (reply.kind === 'answer' && reply.code === 0) acknowledged++
        else return
      }
    }
    const senders = Array.from({ length: 16 }, sendUntilTheEnd)
    while (acknowledged < 20 + round) await new Promise(resolve => host.clock.timer(1, () => resolve(undefined)))
    await sink.become([parseFault('refuse')])
    isOver = true
    await Promise.all(senders)
    expect(sink.ledger.of('traces').requests).toBe(acknowledged)
    await sink.close()
  }
})
