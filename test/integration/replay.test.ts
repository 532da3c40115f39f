import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { buildCollector, hasGo } from '../collector/build.mjs'
import { testHost } from '../real-host.ts'
import { CollectorProcess, freePorts } from './collector-process.ts'

/** Every shape in which the file exporter writes, all signals in one file. */
const SHAPES: Readonly<Record<string, string>> = {
  json: 'format: json',
  proto: 'format: proto',
  'json-zstd': 'format: json, compression: zstd',
  'proto-zstd': 'format: proto, compression: zstd',
  rotated: 'format: json, rotation: {max_megabytes: 1}',
}
/** With the gate that makes a file one zstd stream: one collector has it for all of its exporters, or for none. */
const NATIVE: Readonly<Record<string, string>> = {
  'json-native': 'format: json, compression: zstd',
  'proto-native': 'format: proto, compression: zstd',
}
const GATE = '--feature-gates=exporter.file.nativeCompression'
const SIGNALS = ['traces', 'metrics', 'logs']
const COUNT = 6000

const pipelines = (exporters: readonly string[]) =>
  SIGNALS.map(signal => `    ${signal}: {receivers: [otlp], exporters: [${exporters.join(', ')}]}`).join('\n')

const receiver = (http: number, grpc: number) =>
  `receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:${http}"}, grpc: {endpoint: "127.0.0.1:${grpc}"}}}}`

const fileExporters = (shapes: Readonly<Record<string, string>>, folder: string) =>
  Object.entries(shapes)
    .map(([name, settings]) => `  file/${name}: {path: "${folder}/${name}/telemetry.out", ${settings}}`)
    .join('\n')

const source = (http: number, grpc: number, folder: string) => `
${receiver(http, grpc)}
exporters:
${fileExporters(SHAPES, folder)}
  file/grouped: {path: "${folder}/grouped/*/telemetry.jsonl", group_by: {enabled: true, resource_attribute: service.name}}
service:
  telemetry: {metrics: {level: none}}
  pipelines:
${pipelines([...Object.keys(SHAPES), 'grouped'].map(name => `file/${name}`))}
`

const nativeSource = (http: number, grpc: number, folder: string) => `
${receiver(http, grpc)}
exporters:
${fileExporters(NATIVE, folder)}
service:
  telemetry: {metrics: {level: none}}
  pipelines:
${pipelines(Object.keys(NATIVE).map(name => `file/${name}`))}
`

const target = (http: number, grpc: number, file: string) => `
${receiver(http, grpc)}
exporters: {file: {path: "${file}"}}
service:
  telemetry: {metrics: {level: none}}
  pipelines:
${pipelines(['file'])}
`

/** Every span, metric and log record with its resource and scope, in an order of their own. */
function leaves(text: string): string[] {
  const found: string[] = []
  for (const line of text.trim().split('\n')) {
    for (const resources of Object.values(JSON.parse(line)) as Record<string, Record<string, unknown>[]>[][])
      for (const { resource, scopeSpans, scopeMetrics, scopeLogs } of resources)
        for (const { scope, spans, metrics, logRecords } of (scopeSpans ?? scopeMetrics ?? scopeLogs ?? []) as Record<
          string,
          unknown[]
        >[])
          for (const leaf of spans ?? metrics ?? logRecords ?? []) found.push(JSON.stringify([resource, scope, leaf]))
  }
  return found.sort()
}

describe.skipIf(!(await hasGo()))('what a real collector has written, replayed into a real collector', () => {
  const folder = mkdtempSync(join(tmpdir(), 'failoverctl-replay-'))
  let binary: string
  let original: string[]

  beforeAll(async () => {
    binary = await buildCollector()
    for (const name of [...Object.keys({ ...SHAPES, ...NATIVE }), 'grouped'])
      await testHost().files.append(join(folder, name, '.keep'), new Uint8Array())
    const [http, grpc] = (await freePorts(2)) as [number, number]
    const collector = new CollectorProcess('gateway', binary, [`yaml:${source(http, grpc, folder)}`], {})
    await collector.start()
    const host = testHost()
    const where = ['--endpoint', `http://127.0.0.1:${http}`, '--signal', SIGNALS.join(','), '--services', '3']
    const much = ['--count', String(COUNT), '--rate', '0', '--spans-per-request', '20', '--quiet']
    expect([await main(['send', ...where, ...much], host), host.printed.err]).toEqual([0, ''])
    await collector.stop()
    await host.network.close()
    original = leaves(readFileSync(join(folder, 'json', 'telemetry.out'), 'utf8'))
    expect(original.length).toBeGreaterThan(COUNT / 2)
    await writeNative()
    writeFileSync(join(folder, 'packed.gz'), gzipSync(readFileSync(join(folder, 'proto', 'telemetry.out'))))
  }, 90_000)
  afterAll(() => rmSync(folder, { recursive: true }))

  /** The same data, by way of a replay. */
  async function writeNative() {
    const [http, grpc] = (await freePorts(2)) as [number, number]
    const collector = new CollectorProcess('gateway', binary, [`yaml:${nativeSource(http, grpc, folder)}`], {}, [GATE])
    await collector.start()
    const host = testHost()
    const flags = ['--endpoint', `http://127.0.0.1:${http}`, '--processed', 'keep', '--quiet-for', '0s', '--quiet']
    const state = ['--state', join(folder, 'native.state')]
    expect([await main(['replay', join(folder, 'json'), ...flags, ...state], host), host.printed.err]).toEqual([0, ''])
    await collector.stop()
    await host.network.close()
    for (const name of Object.keys(NATIVE))
      expect(
        readFileSync(join(folder, name, 'telemetry.out'))
          .subarray(0, 4)
          .toString('hex'),
      ).toBe('28b52ffd')
  }

  const asItIs: string[] = []
  test.each([
    ['json', asItIs],
    ['proto', asItIs],
    ['json-zstd', asItIs],
    ['proto-zstd', asItIs],
    ['json-native', asItIs],
    ['proto-native', asItIs],
    ['rotated', asItIs],
    ['grouped', asItIs],
    ['packed.gz', asItIs],
    ['json', ['--protocol', 'http/protobuf', '--compression', 'gzip']],
    ['json', ['--protocol', 'grpc']],
    ['proto', ['--protocol', 'http/json']],
    ['proto-zstd', ['--protocol', 'grpc']],
    ['proto-native', ['--protocol', 'http/json']],
  ])(
    '%s %j',
    async (name, flags) => {
      const received = join(folder, `received-${name}-${flags.join('').replaceAll('/', '')}.jsonl`)
      const [http, grpc] = (await freePorts(2)) as [number, number]
      const collector = new CollectorProcess('backend', binary, [`yaml:${target(http, grpc, received)}`], {})
      await collector.start()
      const host = testHost()
      const port = flags.includes('grpc') ? grpc : http
      const state = `${received}.state`
      const common = [
        '--endpoint',
        `http://127.0.0.1:${port}`,
        '--processed',
        'keep',
        '--quiet-for',
        '0s',
        '--state',
        state,
        '--json',
        '--quiet',
      ]
      const exit = await main(['replay', join(folder, name), ...common, ...flags], host)
      await collector.stop()
      await host.network.close()
      expect([exit, host.printed.err]).toEqual([0, ''])
      const summary = JSON.parse(host.printed.out)
      expect(summary.read.items).toBe(COUNT)
      expect(summary.acknowledged.items).toBe(COUNT)
      if (name === 'rotated') expect(readdirSync(join(folder, name)).length).toBeGreaterThan(2)
      if (name === 'grouped') expect(summary.files.finished).toBe(3)
      expect(leaves(readFileSync(received, 'utf8'))).toEqual(original)
    },
    30_000,
  )
})
