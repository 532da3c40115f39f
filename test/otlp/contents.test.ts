import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { MalformedPayload } from '../../src/otlp/contents.ts'
import { joinRequests, readItems } from '../../src/otlp/encodings.ts'
import type { Items } from '../../src/otlp/items.ts'
import type { Encoding, Signal } from '../../src/otlp/signal.ts'
import { traceRequest } from './spans.ts'

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

const read = (signal: Signal, encoding: Encoding, body: Uint8Array): Items => readItems({ signal, encoding, body })
const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0)
/** `run sequence` of each item. */
const shown = (items: Items) => Array.from({ length: items.length }, (_, at) => `${items.runAt(at)} ${items.sequence[at]}`)

describe('what a real collector wrote is counted', () => {
  test('JSON traces: ten traces of two spans, none of a run', () => {
    const contents = lines('traces.jsonl').map(line => read('traces', 'json', line))
    expect(sum(contents.map(({ length }) => length))).toBe(20)
    expect(new Set(contents.flatMap(shown))).toEqual(new Set(['undefined 0']))
  })

  test('all signals mixed in one file', () => {
    const sums = { traces: 0, metrics: 0, logs: 0 }
    for (const line of lines('telemetry.jsonl')) sums[signalOf(line)] += read(signalOf(line), 'json', line).length
    expect(sums).toEqual({ traces: 20, metrics: 5, logs: 5 })
  })

  test('protobuf traces hold as many spans as the JSON ones', () => {
    expect(sum([...framed(fixture('traces.binpb'))].map(request => read('traces', 'protobuf', request).length))).toBe(20)
  })
})

describe('requests are joined', () => {
  const RUN = '00000000000000ab'
  test('JSON, as bytes where the shape is the usual one', () => {
    const bodies = [traceRequest(RUN, 1, 3, 0), traceRequest(RUN, 4, 2, 0)]
    const joined = joinRequests('traces', 'json', bodies)
    expect(shown(read('traces', 'json', joined))).toEqual([1, 2, 3, 4, 5].map(sequence => `${RUN} ${sequence}`))
  })

  test('JSON of another shape, and empty ones', () => {
    const ids = '"traceId":"00000000000000AB0000000000000007","spanId":"0000000000000007"'
    const odd = bytes(`{ "resourceSpans" : [ {"scopeSpans": [{"spans": [{${ids}}]}]} ], "extra": 1 }`)
    const joined = joinRequests('traces', 'json', [bytes('{}'), odd, bytes('{"resourceSpans":[]}'), odd])
    expect(shown(read('traces', 'json', joined))).toEqual([`${RUN} 7`, `${RUN} 7`])
  })

  test('protobuf', () => {
    const requests = [...framed(fixture('traces.binpb'))]
    expect(read('traces', 'protobuf', joinRequests('traces', 'protobuf', requests)).length).toBe(20)
  })
})

describe('what is not OTLP is refused', () => {
  const cases: [what: string, encoding: Encoding, body: Uint8Array][] = [
    ['text', 'json', bytes('hello')],
    ['a list', 'json', bytes('[]')],
    ['a number for a list', 'json', bytes('{"resourceSpans": 3}')],
    ['an id of another length', 'json', bytes('{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"abcd"}]}]}]}')],
    ['an id of other digits', 'json', bytes(`{"resourceSpans":[{"scopeSpans":[{"spans":[{"spanId":"${'z'.repeat(16)}"}]}]}]}`)],
    ['an id that is null', 'json', bytes('{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":null}]}]}]}')],
    ['a value without sense', 'json', bytes('{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":nonsense}]}]}]}')],
    ['brackets that do not match', 'json', bytes('{"resourceSpans":[{"scopeSpans":[{"spans":[{"attributes":[{]}]}]}]}]}')],
    ['a body cut short', 'json', traceRequest('00000000000000ab', 1, 3, 0).subarray(0, -9)],
    ['bytes that are not UTF-8', 'json', Uint8Array.of(0xff, 0xfe)],
    ['a message cut short', 'protobuf', Uint8Array.of(0x0a, 0x05, 0x01)],
    ['JSON sent as protobuf', 'protobuf', bytes('{"resourceSpans":[]}')],
    ['a varint without end', 'protobuf', new Uint8Array(12).fill(0xff)],
  ]
  test.each(cases)('%s', (_, encoding, body) => {
    expect(() => read('traces', encoding, body)).toThrow(MalformedPayload)
  })
})

test('an empty request is one', () => {
  expect(read('traces', 'json', bytes('{}')).length).toBe(0)
  expect(read('logs', 'protobuf', new Uint8Array()).length).toBe(0)
  expect(read('traces', 'json', bytes('{"resourceSpans":[{"scopeSpans":[{"spans":[{}]}]}]}')).length).toBe(1)
})
