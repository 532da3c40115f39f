import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'
import { readGraph } from '../../src/collector/read-graph.ts'
import { GRPC, OTLP_METHODS } from '../../src/core/grpc.ts'
import type { HttpReply } from '../../src/core/host.ts'
import { type Lab, startLab } from '../../src/lab/lab.ts'
import { parsePrometheus } from '../../src/metrics/prometheus.ts'
import { transcode } from '../../src/otlp/transcode.ts'
import { parseFault } from '../../src/sink/parse-fault.ts'
import { readYaml } from '../../src/source/read-yaml.ts'
import type { MapValue } from '../../src/source/value.ts'
import { traceRequest } from '../otlp/spans.ts'
import { testHost } from '../real-host.ts'

const RUN = '00000000000000ab'
const OFF = 'sending_queue: { enabled: false }, retry_on_failure: { enabled: false }'

const config = ({ connectorQueue = true, exporter = OFF, type = 'otlphttp' } = {}) => `
receivers: { otlp: { protocols: { http: {} } } }
exporters:
  ${type}/primary: { endpoint: "http://127.0.0.1:4327", ${exporter} }
  ${type}/secondary: { endpoint: "http://127.0.0.1:4337", ${exporter} }
connectors:
  failover: { priority_levels: [[traces/primary], [traces/secondary]], retry_interval: 300ms, sending_queue: { enabled: ${connectorQueue} } }
extensions: { health_check: { path: /health } }
service:
  extensions: [health_check]
  pipelines:
    traces: { receivers: [otlp], exporters: [failover] }
    traces/primary: { receivers: [failover], exporters: [${type}/primary] }
    traces/secondary: { receivers: [failover], exporters: [${type}/secondary] }
`

let lab: Lab
let sequence = 0
const host = testHost()

async function start(text: string): Promise<void> {
  sequence = 0
  lab = await startLab(
    { graph: readGraph(readYaml('a.yaml', text) as MapValue), freePorts: true, seed: 1, run: RUN, folder: '/nowhere' },
    host,
  )
}
afterEach(() => lab.close())

const url = () => lab.receivers[0]?.url as string
const backend = (name: string) => lab.backends.find(each => each.name === name) as Lab['backends'][number]
const post = (
  body: Uint8Array | string,
  { path = '/v1/traces', type = 'application/json', method = 'POST' as 'POST' | 'GET' } = {},
): Promise<HttpReply> =>
  host.network.request({
    method,
    url: url() + path,
    headers: { 'content-type': type },
    ...(method === 'GET' ? {} : { body: Buffer.from(body) }),
    timeoutMs: 10_000,
  })
const send = () => post(traceRequest(RUN, ++sequence, 1, 0))
const shown = (reply: HttpReply) =>
  reply.kind === 'answer'
    ? { status: reply.status, body: new TextDecoder().decode(reply.body) }
    : { status: 0, body: reply.reason }
const get = async (address: string) => shown(await host.network.request({ method: 'GET', url: address, timeoutMs: 2000 }))
const level = async () =>
  parsePrometheus((await get(lab.metricsUrl)).body).find(({ name }) => name === 'otelcol_connector_failover_active_level')?.value
const sleep = (ms: number) => new Promise(resolve => host.clock.timer(ms, () => resolve(undefined)))

describe('the receiver answers as a real one was measured to', () => {
  const cases: [what: string, request: Parameters<typeof post>, status: number, body: RegExp][] = [
    ['an empty request', ['{}'], 200, /^\{"partialSuccess":\{\}\}$/],
    ['text that is not JSON', ['nonsense'], 400, /"code":3/],
    ['an empty body', [''], 400, /"code":3/],
    ['an empty body as protobuf', ['', { type: 'application/x-protobuf' }], 200, /^$/],
    [
      'another content type',
      ['{}', { type: 'text/plain' }],
      415,
      /^415 unsupported media type, supported: \[application\/json, application\/x-protobuf\]$/,
    ],
    ['a path of nobody', ['{}', { path: '/v1/nothing' }], 404, /^404 page not found\n$/],
    ['a signal without a pipeline', ['{}', { path: '/v1/logs' }], 404, /^404 page not found\n$/],
    ['GET', ['', { method: 'GET' }], 405, /^405 method not allowed, supported: \[POST\]$/],
  ]
  test.each(cases)('%s', async (_, request, status, body) => {
    await start(config())
    const answer = shown(await post(...request))
    expect(answer.status).toBe(status)
    expect(answer.body).toMatch(body)
  })
})

describe('what the sender hears when every level fails', () => {
  const cases: [what: string, connectorQueue: boolean, fault: string, status: number, body: string][] = [
    ['the connector queue is on: nothing', true, 'refuse', 200, '{"partialSuccess":{}}'],
    ['it is off: it may try again', false, 'refuse', 503, '{"code":14,"message":"All provided pipelines return errors"}'],
    [
      'it is off, and both call the data bad: the same',
      false,
      'status=400',
      503,
      '{"code":14,"message":"All provided pipelines return errors"}',
    ],
  ]
  test.each(cases)('%s', async (_, connectorQueue, fault, status, body) => {
    await start(config({ connectorQueue }))
    for (const each of lab.backends) await each.become(parseFault(fault))
    expect(shown(await send())).toEqual({ status, body })
    expect(await level()).toBe(-1)
  })
})

describe('one exporter without a failover connector', () => {
  const single = config()
    .replace('exporters: [failover] }', 'exporters: [otlphttp/primary] }')
    .replace(/ {4}traces\/(primary|secondary): .*\n/g, '')
    .replace(/connectors:\n.*\n/, '')
  test.each([
    [400, 400],
    [401, 401],
    [404, 404],
    [413, 500],
    [429, 429],
    [500, 500],
    [502, 503],
    [503, 503],
  ])('a backend that answers %i makes the receiver answer %i', async (answers, status) => {
    await start(single)
    await backend('primary').become(parseFault(`status=${answers}`))
    expect(shown(await send()).status).toBe(status)
  })
})

describe('faults', () => {
  test('stopped: the next level takes over at once, and the first is back after a tick', async () => {
    await start(config({ connectorQueue: false }))
    await send()
    await backend('primary').become(parseFault('refuse'))
    await send()
    expect([backend('primary').items, backend('secondary').items, await level()]).toEqual([1, 1, 1])
    await backend('primary').become()
    await sleep(300)
    await send()
    expect([backend('primary').items, backend('secondary').items, await level()]).toEqual([2, 1, 0])
  })

  test.each([
    ['otlphttp', 1],
    ['otlp', 0],
  ])('paused: the exporter timeout decides; %s leaves %i duplicate when the backend goes on', async (type, duplicates) => {
    await start(config({ type, exporter: `timeout: 200ms, ${OFF}` }))
    await backend('primary').become(parseFault('hang'))
    await send()
    await sleep(100)
    expect(backend('secondary').items).toBe(0)
    await sleep(200)
    expect(backend('secondary').items).toBe(1)
    await backend('primary').become()
    await sleep(100)
    expect(backend('primary').items).toBe(duplicates)
  })

  test('an exporter with its own queue and retries hides them: the level stays 0, and the data arrives late', async () => {
    await start(config({ exporter: 'retry_on_failure: { initial_interval: 200ms }' }))
    await backend('primary').become(parseFault('refuse'))
    await send()
    await sleep(100)
    expect([backend('secondary').items, await level()]).toEqual([0, 0])
    await backend('primary').become()
    await sleep(600)
    expect([backend('primary').items, backend('secondary').items]).toEqual([1, 0])
  })
})

describe('a file exporter as the last level', () => {
  const toFile = config({ connectorQueue: false })
    .replace(/otlphttp\/secondary: .*/, 'file/backup: { path: /var/otel/../backup/traces.jsonl }')
    .replace('[otlphttp/secondary]', '[file/backup]')
  const startIn = async (folder: string) => {
    sequence = 0
    const graph = readGraph(readYaml('a.yaml', toFile) as MapValue)
    lab = await startLab({ graph, freePorts: true, seed: 1, run: RUN, folder }, host)
    await backend('primary').become(parseFault('refuse'))
  }

  test('gets a line for each request, in a folder of the lab and never at its own path', async () => {
    const folder = await host.files.temporaryFolder('failoverctl-test')
    await startIn(folder)
    await send()
    await send()
    const lines = Buffer.from(await host.files.read(`${folder}/var/otel/backup/traces.jsonl`))
      .toString()
      .split('\n')
    expect(lines).toHaveLength(3)
    expect(JSON.parse(lines[0] as string)).toHaveProperty('resourceSpans')
    expect(backend('backup').witness.seen.size).toBe(2)
    await host.files.remove(folder)
  })

  test('gets JSON of what came in as protobuf', async () => {
    const folder = await host.files.temporaryFolder('failoverctl-test')
    await startIn(folder)
    const payload = { signal: 'traces', encoding: 'json', body: traceRequest(RUN, ++sequence, 1, 0) } as const
    await post(transcode(payload, 'protobuf').body, { type: 'application/x-protobuf' })
    const line = new TextDecoder().decode(await host.files.read(`${folder}/var/otel/backup/traces.jsonl`))
    expect(JSON.parse(line).resourceSpans[0].scopeSpans[0].spans[0].spanId).toBe('0000000000000001')
    await host.files.remove(folder)
  })

  test('that cannot be written is a level that fails', async () => {
    await startIn('/dev/null')
    expect(shown(await send()).status).toBe(503)
    expect(await level()).toBe(-1)
  })
})

test('/metrics has the series of a real collector, with its labels', async () => {
  await start(config({ type: 'otlp' }))
  await send()
  await sleep(50)
  await backend('primary').become(parseFault('refuse'))
  await send()
  await sleep(100)
  const series = (text: string) =>
    new Set(parsePrometheus(text).map(({ name, labels }) => `${name} ${JSON.stringify(Object.entries(labels).sort())}`))
  const real = series(readFileSync(new URL('../../fixtures/metrics/normal-level1.txt', import.meta.url), 'utf8'))
  const own = [...series((await get(lab.metricsUrl)).body)].filter(name => !name.startsWith('target_info'))
  expect(own.filter(name => !real.has(name))).toEqual([])
  expect(own.length).toBeGreaterThan(8)
  expect((await get(lab.metricsUrl)).body).toContain('otelcol_connector_failover_active_level{connector="failover"} 1\n')
})

test('a receiver with the grpc protocol speaks gRPC: the same spans, and its own words for a failure', async () => {
  await start(
    config({ connectorQueue: false, type: 'otlp' }).replace('protocols: { http: {} }', 'protocols: { http: {}, grpc: {} }'),
  )
  const grpc = lab.receivers.find(({ transport }) => transport === 'grpc')?.url as string
  const call = (signal: 'traces' | 'logs') => {
    const payload = { signal: 'traces', encoding: 'json', body: traceRequest(RUN, ++sequence, 1, 0) } as const
    const { body } = transcode(payload, 'protobuf')
    return host.network.call({ url: grpc, path: OTLP_METHODS[signal], body, timeoutMs: 2000 })
  }
  expect(await call('traces')).toMatchObject({ kind: 'answer', code: GRPC.OK })
  expect([...backend('primary').witness.seen]).toEqual([1])
  expect(await call('logs')).toMatchObject({ code: GRPC.UNIMPLEMENTED, message: expect.stringContaining('unknown service') })
  for (const each of lab.backends) await each.become(parseFault('refuse'))
  expect(await call('traces')).toMatchObject({ code: GRPC.UNAVAILABLE, message: 'All provided pipelines return errors' })
  expect((await get(lab.metricsUrl)).body).toMatch(/otelcol_receiver_accepted_spans\S*transport="grpc"\S* 1\n/)
  expect(lab.notes).toEqual([])
})

test('the health check answers on its own path', async () => {
  await start(config())
  expect(await get(lab.healthUrl as string)).toMatchObject({ status: 200 })
})

test('two labs with the same config run side by side on free ports', async () => {
  await start(config())
  const first = lab
  await start(config())
  const urls = [first, lab].flatMap(({ receivers, metricsUrl }) => [...receivers.map(({ url: address }) => address), metricsUrl])
  expect(new Set(urls).size).toBe(urls.length)
  await first.close()
})
