import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lazyNetwork } from '../../src/adapters/network.ts'
import { deliver } from '../../src/otlp/deliver.ts'
import { plainDestination } from '../../src/otlp/destination.ts'
import { readItems } from '../../src/otlp/encodings.ts'
import type { Payload } from '../../src/otlp/payload.ts'
import { SIGNALS, type Signal } from '../../src/otlp/signal.ts'
import { transcode } from '../../src/otlp/transcode.ts'
import { buildCollector, hasGo } from '../collector/build.mjs'
import { anyRequest, bare } from '../otlp/arbitrary-request.ts'
import { CollectorProcess, freePorts } from './collector-process.ts'

const REQUESTS = 40

/** A collector that writes each request twice: as a line of JSON, and as protobuf behind its length. */
const config = (http: number, grpc: number, folder: string) => `
receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:${http}"}, grpc: {endpoint: "127.0.0.1:${grpc}"}}}}
exporters:
${Object.keys(SIGNALS)
  .flatMap(signal =>
    ['json', 'proto'].map(format => `  file/${signal}_${format}: {path: ${folder}/${signal}.${format}, format: ${format}}`),
  )
  .join('\n')}
service:
  telemetry: {metrics: {level: none}}
  pipelines:
${Object.keys(SIGNALS)
  .map(signal => `    ${signal}: {receivers: [otlp], exporters: [file/${signal}_json, file/${signal}_proto]}`)
  .join('\n')}
`

const encode = (request: unknown) => new TextEncoder().encode(JSON.stringify(request))
const parse = (body: Uint8Array) => JSON.parse(new TextDecoder().decode(body))
const asJson = (payload: Payload) => bare(parse(transcode(payload, 'json').body))

describe.skipIf(!(await hasGo()))('a real collector', () => {
  const folder = mkdtempSync(join(tmpdir(), 'failoverctl-transcode-'))
  const network = lazyNetwork()
  const world = { network, clock: { epochMs: Date.now } }
  let [http, grpc] = [0, 0]
  let collector: CollectorProcess

  beforeAll(async () => {
    ;[http, grpc] = (await freePorts(2)) as [number, number]
    collector = new CollectorProcess('gateway', await buildCollector(), [`yaml:${config(http, grpc, folder)}`], {})
    await collector.start()
  }, 60_000)
  afterAll(async () => {
    await collector.stop()
    await network.close()
    rmSync(folder, { recursive: true })
  })

  const sent = (Object.keys(SIGNALS) as Signal[]).map(signal => ({
    signal,
    // What holds no span, data point or log record goes no further than the receiver.
    requests: fc.sample(
      anyRequest(signal).filter(request => readItems({ signal, encoding: 'json', body: encode(request) }).length > 0),
      { seed: 5, numRuns: REQUESTS },
    ),
  }))

  test.each(sent)(
    'reads our protobuf of $signal as it reads the JSON, and we read both of its files alike',
    async ({ signal, requests }) => {
      for (const request of requests) {
        const body = new TextEncoder().encode(JSON.stringify(request))
        const json = { signal, encoding: 'json', body } as const
        const plain = plainDestination(signal, `http://127.0.0.1:${http}`)
        expect(await deliver(plain, json, world)).toMatchObject({ kind: 'accepted' })
        expect(await deliver({ ...plain, protocol: 'http/protobuf' }, transcode(json, 'protobuf'), world)).toMatchObject({
          kind: 'accepted',
        })
        expect(await deliver({ ...plain, protocol: 'grpc', url: `http://127.0.0.1:${grpc}` }, json, world)).toMatchObject({
          kind: 'accepted',
        })
      }
      const count = 3 * REQUESTS
      // The exporter writes what it holds once a second, which may end in the middle of a line.
      const lines = () =>
        readFileSync(join(folder, `${signal}.json`), 'utf8')
          .split('\n')
          .slice(0, -1)
      await expect.poll(() => lines().length, { timeout: 10_000 }).toBe(count)
      const written = lines().map(line => bare(JSON.parse(line)))
      const binary = () => records(readFileSync(join(folder, `${signal}.proto`)))
      await expect.poll(() => binary().length, { timeout: 10_000 }).toBe(count)
      const read = binary().map(body => asJson({ signal, encoding: 'protobuf', body }))
      for (let index = 0; index < count; index += 3) {
        expect(written[index + 1]).toEqual(written[index])
        expect(written[index + 2]).toEqual(written[index])
        expect(read.slice(index, index + 3)).toEqual(written.slice(index, index + 3))
      }
    },
    60_000,
  )
})

/** Messages, each behind its length in four bytes. */
function records(bytes: Buffer): Uint8Array[] {
  const found: Uint8Array[] = []
  for (let at = 0; at + 4 <= bytes.length; ) {
    const end = at + 4 + bytes.readUInt32BE(at)
    if (end > bytes.length) break
    found.push(bytes.subarray(at + 4, end))
    at = end
  }
  return found
}
