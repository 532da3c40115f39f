import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { readGraph } from '../../src/collector/read-graph.ts'
import { OTLP_METHODS } from '../../src/core/grpc.ts'
import { startLab } from '../../src/lab/lab.ts'
import { transcode } from '../../src/otlp/transcode.ts'
import { parseFault } from '../../src/sink/parse-fault.ts'
import { Sink } from '../../src/sink/sink.ts'
import { readYaml } from '../../src/source/read-yaml.ts'
import type { MapValue } from '../../src/source/value.ts'
import { buildCollector, hasGo } from '../collector/build.mjs'
import { testHost } from '../real-host.ts'
import { tracesOf } from '../sink/requests.ts'
import { CollectorProcess, freePorts } from './collector-process.ts'

const OFF = 'sending_queue: {enabled: false}, retry_on_failure: {enabled: false}'

const config = (exporter: string, to: string, [http, grpc]: readonly [number, number]) => `
receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:${http}"}, grpc: {endpoint: "127.0.0.1:${grpc}"}}}}
exporters: {${exporter}: {endpoint: "http://${to}", tls: {insecure: true}, timeout: 300ms, ${OFF}}}
service: {telemetry: {metrics: {level: none}}, pipelines: {traces: {receivers: [otlp], exporters: [${exporter}]}}}
`

const FAULTS = [
  'status=400',
  'status=401',
  'status=403',
  'status=404',
  'status=429',
  'status=429,retry-after=2s',
  'status=500',
  'status=503',
  'status=503,retry-after=2s',
  'status=ABORTED',
  'status=INTERNAL',
  'status=NOT_FOUND',
  'status=RESOURCE_EXHAUSTED',
  'hang',
  'refuse',
]

describe.skipIf(!(await hasGo()))('a sender hears from the lab what it hears from a real collector', () => {
  const host = testHost()
  const free = { host: '127.0.0.1', port: 0 }
  const close: (() => Promise<void>)[] = []
  let binary: string
  beforeAll(async () => {
    binary = await buildCollector()
  }, 60_000)
  afterEach(async () => {
    for (const each of close.splice(0).reverse()) await each()
  })
  afterAll(() => host.network.close())

  const payload = { signal: 'traces', encoding: 'json', body: tracesOf(1, 1) } as const
  async function hear(http: string, grpc: string) {
    const type = { 'content-type': 'application/json' }
    const url = `${http}/v1/traces`
    const reply = await host.network.request({ method: 'POST', url, headers: type, body: payload.body, timeoutMs: 3000 })
    const body = transcode(payload, 'protobuf').body
    const call = await host.network.call({ url: grpc, path: OTLP_METHODS.traces, body, timeoutMs: 3000 })
    return {
      http: reply.kind === 'answer' ? [reply.status, code(reply.body), reply.headers['retry-after']] : reply.kind,
      grpc: call.kind === 'answer' ? [call.code, call.retryDelayMs] : call.kind,
    }
  }
  const code = (body: Uint8Array) => (JSON.parse(new TextDecoder().decode(body)) as { code?: number }).code

  test.each(['otlp', 'otlphttp'])(
    'behind an %s exporter',
    async exporter => {
      const wire = exporter === 'otlp' ? 'grpc' : 'http'
      const sink = new Sink({ [wire]: free }, host)
      await sink.open()
      close.push(() => sink.close())
      const ports = (await freePorts(2)) as [number, number]
      const text = config(exporter, `127.0.0.1:${sink.address(wire)?.port}`, ports)
      const real = new CollectorProcess('real', binary, [`yaml:${text}`], {})
      await real.start()
      close.push(() => real.stop())
      const graph = readGraph(readYaml('a.yaml', text) as MapValue)
      const lab = await startLab({ graph, freePorts: true, seed: 1, run: '0'.repeat(16), folder: '/nowhere' }, host)
      close.push(() => lab.close())
      const labUrl = (transport: string) => lab.receivers.find(each => each.transport === transport)?.url as string

      const heard = { real: {} as Record<string, unknown>, lab: {} as Record<string, unknown> }
      for (const text of FAULTS) {
        const fault = parseFault(text)
        await sink.become([fault])
        await lab.backends[0]?.become(fault)
        heard.real[text] = await hear(`http://127.0.0.1:${ports[0]}`, `http://127.0.0.1:${ports[1]}`)
        heard.lab[text] = await hear(labUrl('http'), labUrl('grpc'))
      }
      expect(heard.lab).toEqual(heard.real)
    },
    60_000,
  )
})
