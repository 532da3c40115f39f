import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { MalformedPayload } from '../../src/otlp/contents.ts'
import { joinRequests, readContents } from '../../src/otlp/encodings.ts'
import type { Encoding, Signal } from '../../src/otlp/signal.ts'
import { traceRequest } from '../../src/otlp/synthesize.ts'

const fixture = (name: string) => readFileSync(new URL(`../../fixtures/backups/${name}`, import.meta.url))
const lines = (name: string) =>
  fixture(name)
    .toString()
    .trimEnd()
    .split('\n')
    .map(line => Buffer.from(line))
const bytes = (text: string) => new TextEncoder().encode(text)

/** The file exporter's protobuf: each request behind its length in 4 bytes, big-endian. */
function* framed(file: Buffer) {
  for (let at = 0; at < file.length; ) {
    const length = file.readUInt32BE(at)
    yield file.subarray(at + 4, at + 4 + length)
    at += 4 + length
  }
}

const signalOf = (line: Buffer): Signal =>
  line.includes('resourceSpans') ? 'traces' : line.includes('resourceMetrics') ? 'metrics' : 'logs'

describe('what a real collector wrote is counted', () => {
  test('JSON traces: ten traces of two spans', () => {
    const contents = lines('traces.jsonl').map(line => readContents('traces', 'json', line))
    expect(contents.reduce((sum, { items }) => sum + items, 0)).toBe(20)
    expect(contents[0]?.spans[0]).toEqual({ traceId: '3c26c686d9da75e85f7759e3a0d8408a', spanId: 'd893541e4bb42c9d' })
  })

  test('all signals mixed in one file', () => {
    const sums = { traces: 0, metrics: 0, logs: 0 }
    for (const line of lines('telemetry.jsonl')) sums[signalOf(line)] += readContents(signalOf(line), 'json', line).items
    expect(sums).toEqual({ traces: 20, metrics: 5, logs: 5 })
  })

  test('protobuf traces hold as many spans as the JSON ones, each with ids', () => {
    const contents = [...framed(fixture('traces.binpb'))].map(request => readContents('traces', 'protobuf', request))
    expect(contents.reduce((sum, { items }) => sum + items, 0)).toBe(20)
    for (const { traceId, spanId } of contents.flatMap(({ spans }) => spans)) {
      expect(traceId).toMatch(/^[0-9a-f]{32}$/)
      expect(spanId).toMatch(/^[0-9a-f]{16}$/)
    }
  })
})

describe('requests are joined', () => {
  const ids = (encoding: Encoding, body: Uint8Array) => readContents('traces', encoding, body).spans
  test('JSON, as bytes where the shape is the usual one', () => {
    const bodies = [traceRequest('00000000000000ab', 1, 3, 0), traceRequest('00000000000000ab', 4, 2, 0)]
    expect(ids('json', joinRequests('traces', 'json', bodies))).toEqual(bodies.flatMap(body => ids('json', body)))
  })

  test('JSON of another shape, and empty ones', () => {
    const odd = bytes('{ "resourceSpans" : [ {"scopeSpans": [{"spans": [{"traceId":"AB","spanId":"CD"}]}]} ], "extra": 1 }')
    const joined = joinRequests('traces', 'json', [bytes('{}'), odd, bytes('{"resourceSpans":[]}'), odd])
    expect(ids('json', joined)).toEqual([
      { traceId: 'ab', spanId: 'cd' },
      { traceId: 'ab', spanId: 'cd' },
    ])
  })

  test('protobuf', () => {
    const requests = [...framed(fixture('traces.binpb'))]
    expect(ids('protobuf', joinRequests('traces', 'protobuf', requests))).toEqual(
      requests.flatMap(request => ids('protobuf', request)),
    )
  })
})

describe('what is not OTLP is refused', () => {
  const cases: [what: string, encoding: Encoding, body: Uint8Array][] = [
    ['text', 'json', bytes('hello')],
    ['a list', 'json', bytes('[]')],
    ['a number for a list', 'json', bytes('{"resourceSpans": 3}')],
    ['a span without ids', 'json', bytes('{"resourceSpans":[{"scopeSpans":[{"spans":[{}]}]}]}')],
    ['bytes that are not UTF-8', 'json', Uint8Array.of(0xff, 0xfe)],
    ['a message cut short', 'protobuf', Uint8Array.of(0x0a, 0x05, 0x01)],
    ['JSON sent as protobuf', 'protobuf', bytes('{"resourceSpans":[]}')],
    ['a varint without end', 'protobuf', new Uint8Array(12).fill(0xff)],
  ]
  test.each(cases)('%s', (_, encoding, body) => {
    expect(() => readContents('traces', encoding, body)).toThrow(MalformedPayload)
  })
})

test('an empty request is one', () => {
  expect(readContents('traces', 'json', bytes('{}')).items).toBe(0)
  expect(readContents('logs', 'protobuf', new Uint8Array()).items).toBe(0)
})
