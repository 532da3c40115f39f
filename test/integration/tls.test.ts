import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { realFiles } from '../../src/adapters/files.ts'
import { lazyNetwork } from '../../src/adapters/network.ts'
import { deliver } from '../../src/otlp/deliver.ts'
import { destinationOf } from '../../src/otlp/destination.ts'
import { whyNot } from '../../src/otlp/explain.ts'
import { buildCollector, hasGo } from '../collector/build.mjs'
import { traceRequest } from '../otlp/spans.ts'
import { CollectorProcess, freePorts } from './collector-process.ts'

const file = (name: string) => fileURLToPath(new URL(`../tls/${name}`, import.meta.url))

const config = (http: number, grpc: number) => {
  const tls = `tls: {cert_file: ${file('server.pem')}, key_file: ${file('server.key')}, client_ca_file: ${file('ca.pem')}}`
  return `
receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:${http}", ${tls}}, grpc: {endpoint: "127.0.0.1:${grpc}", ${tls}}}}}
exporters: {nop: {}}
service:
  telemetry: {metrics: {level: none}}
  pipelines: {traces: {receivers: [otlp], exporters: [nop]}}
`
}

describe.skipIf(!(await hasGo()))('a real collector that asks for client certificates', () => {
  const network = lazyNetwork()
  let ports: readonly number[] = []
  let collector: CollectorProcess

  beforeAll(async () => {
    ports = await freePorts(2)
    collector = new CollectorProcess(
      'gateway',
      await buildCollector(),
      [`yaml:${config(ports[0] as number, ports[1] as number)}`],
      {},
    )
    await collector.start()
  }, 60_000)
  afterAll(async () => {
    await collector.stop()
    await network.close()
  })

  const CA = { CERTIFICATE: file('ca.pem') }
  const ours = { CLIENT_CERTIFICATE: file('client.pem'), CLIENT_KEY: file('client.key') }
  const nobody = { CLIENT_CERTIFICATE: file('self-signed.pem'), CLIENT_KEY: file('self-signed.key') }

  /** Sends by the environment alone, and says what became of it. */
  async function sent(protocol: 'http/protobuf' | 'http/json' | 'grpc', given: Record<string, string>, scheme = 'https') {
    const endpoint = `${scheme}://localhost:${ports[protocol === 'grpc' ? 1 : 0]}`
    const all = { PROTOCOL: protocol, ENDPOINT: endpoint, TIMEOUT: '5000', ...given }
    const env = Object.fromEntries(Object.entries(all).map(([name, value]) => [`OTEL_EXPORTER_OTLP_${name}`, value]))
    const destination = await destinationOf('traces', { headers: [] }, { env, files: realFiles })
    const payload = { signal: 'traces', encoding: 'json', body: traceRequest('00000000000000ab', 1, 100, 0) } as const
    const verdict = await deliver(destination, payload, { network, clock: { epochMs: Date.now } })
    return { verdict, report: whyNot(verdict, destination, 'traces')?.report }
  }

  test.each(['http/json', 'grpc'] as const)(
    'takes %s, packed and not, from a client that shows a certificate',
    async protocol => {
      for (const COMPRESSION of ['none', 'gzip']) {
        expect(await sent(protocol, { ...CA, ...ours, COMPRESSION })).toEqual({
          verdict: { kind: 'accepted', rejected: 0 },
          report: undefined,
        })
      }
    },
  )

  test.each<[what: string, given: Record<string, string>, scheme: string, http: RegExp, grpc: RegExp]>([
    [
      'no certificate',
      CA,
      'https',
      /wants a client certificate\n.*--client-certificate/,
      /client certificate\n.*--client-certificate/,
    ],
    [
      'a certificate of nobody',
      { ...CA, ...nobody },
      'https',
      /does not take the client certificate\n/,
      /does not take the client certificate\n/,
    ],
    [
      'an authority that we do not know',
      ours,
      'https',
      /unknown authority\n.*OTEL_EXPORTER_OTLP_CERTIFICATE/,
      /unknown authority\n/,
    ],
    ['plain', {}, 'http', /the server speaks TLS .*\n.*https:\/\//, /closed before an answer\n.*https:\/\//],
  ])('%s: why not, and what to do', async (_, given, scheme, http, grpc) => {
    expect((await sent('http/protobuf', given, scheme)).report).toMatch(http)
    expect((await sent('grpc', given, scheme)).report).toMatch(grpc)
  })
})
