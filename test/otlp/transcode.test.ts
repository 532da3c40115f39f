import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readItems } from '../../src/otlp/encodings.ts'
import { type Encoding, SIGNALS, type Signal } from '../../src/otlp/signal.ts'
import { transcode } from '../../src/otlp/transcode.ts'
import { anyRequest } from './arbitrary-request.ts'

const encode = (value: unknown) => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value))
const decode = (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes))
const toProtobuf = (signal: Signal, json: unknown) => transcode({ signal, encoding: 'json', body: encode(json) }, 'protobuf').body
const toJson = (signal: Signal, body: Uint8Array) => decode(transcode({ signal, encoding: 'protobuf', body }, 'json').body)
const thereAndBack = (signal: Signal, json: unknown) => toJson(signal, toProtobuf(signal, json))

describe.each(Object.keys(SIGNALS) as Signal[])('%s', signal => {
  test('JSON to protobuf and back is the same', () => {
    fc.assert(
      fc.property(anyRequest(signal), request => {
        expect(thereAndBack(signal, request)).toEqual(request)
      }),
      { seed: 1, numRuns: 100 },
    )
  })

  test('both encodings hold the same items', () => {
    fc.assert(
      fc.property(anyRequest(signal), request => {
        const read = (encoding: Encoding, body: Uint8Array) => {
          try {
            return readItems({ signal, encoding, body }).length
          } catch {
            return 'malformed'
          }
        }
        const items = read('json', encode(request))
        fc.pre(items !== 'malformed')
        expect(read('protobuf', toProtobuf(signal, request))).toBe(items)
      }),
      { seed: 2, numRuns: 50 },
    )
  })
})

const attribute = (value: unknown) => ({ resourceLogs: [{ resource: { attributes: [{ key: 'k', value }] } }] })
const span = (fields: object) => ({ resourceSpans: [{ scopeSpans: [{ spans: [fields] }] }] })

describe('what JSON may look like', () => {
  test.each<[what: string, given: object | string, same: object]>([
    ['keys as in proto files', { resource_logs: [{ schema_url: 'x' }] }, { resourceLogs: [{ schemaUrl: 'x' }] }],
    ['64-bit numbers that are numbers', attribute({ intValue: 42 }), attribute({ intValue: '42' })],
    [
      '64-bit numbers that no double holds',
      JSON.stringify(attribute({ intValue: 'N' })).replace('"N"', '-9007199254740993'),
      attribute({ intValue: '-9007199254740993' }),
    ],
    [
      'and the same digits inside text',
      JSON.stringify(attribute({ stringValue: 'a:9007199254740993,"b\\":9007199254740993}' })),
      attribute({ stringValue: 'a:9007199254740993,"b\\":9007199254740993}' }),
    ],
    ['the largest', attribute({ intValue: '9223372036854775807' }), attribute({ intValue: '9223372036854775807' })],
    ['the smallest', attribute({ intValue: '-9223372036854775808' }), attribute({ intValue: '-9223372036854775808' })],
    ['enums by name', span({ kind: 'SPAN_KIND_CONSUMER' }), span({ kind: 5 })],
    ['enums by number as text', span({ status: { code: '2' } }), span({ status: { code: 2 } })],
    ['ids in capitals', span({ spanId: 'ABCDEF0123456789' }), span({ spanId: 'abcdef0123456789' })],
    ['null for nothing', span({ name: 'x', status: null }), span({ name: 'x' })],
    ['unknown fields', { ...span({ name: 'x', more: [{}] }), more: 1 }, span({ name: 'x' })],
    ['a double as text', attribute({ doubleValue: '1e3' }), attribute({ doubleValue: 1000 })],
    ['not a number', attribute({ doubleValue: 'NaN' }), attribute({ doubleValue: 'NaN' })],
    ['32-bit numbers as text', span({ flags: '257' }), span({ flags: 257 })],
    ['nothing', {}, {}],
  ])('%s', (_, given, same) => {
    const signal = JSON.stringify(same).includes('Span') ? 'traces' : 'logs'
    expect(thereAndBack(signal, given)).toEqual(same)
  })

  test.each<[what: string, signal: Signal, given: object | string]>([
    ['no JSON', 'traces', '{'],
    ['a list', 'traces', '[]'],
    ['a list that is none', 'traces', { resourceSpans: {} }],
    ['a message that is none', 'traces', { resourceSpans: [1] }],
    ['text that is none', 'traces', span({ name: 1 })],
    ['an id of other letters', 'traces', span({ traceId: 'xyz0' })],
    ['an id of half a byte', 'traces', span({ traceId: 'abc' })],
    ['an enum that nobody knows', 'traces', span({ kind: 'SPAN_KIND_OTHER' })],
    ['a time below zero', 'traces', span({ startTimeUnixNano: '-1' })],
    ['a time of 65 bits', 'traces', span({ startTimeUnixNano: '18446744073709551616' })],
    ['an integer of 64 bits and a sign', 'logs', attribute({ intValue: '9223372036854775808' })],
    ['an integer with a fraction', 'logs', attribute({ intValue: 1.5 })],
    ['an empty integer', 'logs', attribute({ intValue: '' })],
    ['a double that is none', 'logs', attribute({ doubleValue: 'one' })],
    ['a truth that is none', 'logs', attribute({ boolValue: 'true' })],
    ['base64 that is none', 'logs', attribute({ bytesValue: '*' })],
    ['a number of 33 bits', 'traces', span({ flags: 2 ** 32 })],
  ])('%s is malformed', (_, signal, given) => {
    expect(() => toProtobuf(signal, given)).toThrow(
      expect.objectContaining({ constructor: expect.objectContaining({ name: 'MalformedPayload' }) }),
    )
  })

  test.each([
    ['long', 'x'.repeat(10_000_000)],
    ['full of escapes', '\n'.repeat(3_000_000)],
  ])('a text that is %s beside a time that is a number', (_, name) => {
    const text = JSON.stringify(span({ name, startTimeUnixNano: 'N' })).replace('"N"', '1544712660300000001')
    expect(thereAndBack('traces', text)).toEqual(span({ name, startTimeUnixNano: '1544712660300000001' }))
  })

  test('attributes a thousand levels deep are refused, not a crash', () => {
    const deep = (levels: number) => {
      const text = '{"arrayValue":{"values":['.repeat(levels) + ']}}'.repeat(levels)
      return `{"resourceLogs":[{"resource":{"attributes":[{"key":"k","value":${text}}]}}]}`
    }
    expect(() => toProtobuf('logs', deep(100))).not.toThrow()
    expect(() => toProtobuf('logs', deep(100_000))).toThrow('nested too deeply')
  })
})

test('a text attribute, byte by byte', () => {
  const body = toProtobuf('logs', attribute({ stringValue: 'v' }))
  // resourceLogs 1 > resource 1 > attributes 1 > key 1, value 2 > stringValue 1
  expect([...body]).toEqual([10, 12, 10, 10, 10, 8, 10, 1, 107, 18, 3, 10, 1, 118])
})

test('protobuf that is cut short or no protobuf is malformed', () => {
  const body = toProtobuf('logs', attribute({ stringValue: 'value' }))
  for (let length = 1; length < body.length; length++) expect(() => toJson('logs', body.subarray(0, length))).toThrow()
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), bytes => {
      try {
        toJson('metrics', bytes)
      } catch (error) {
        expect((error as Error).constructor.name).toBe('MalformedPayload')
      }
    }),
    { seed: 3, numRuns: 2000 },
  )
})

test('unpacked lists of numbers and unknown fields are read', () => {
  // resourceMetrics > scopeMetrics > metrics > histogram 9 > dataPoints 1 > bucketCounts 6 (fixed64, twice), field 99
  const point = [0x31, 1, 0, 0, 0, 0, 0, 0, 0, 0x31, 2, 0, 0, 0, 0, 0, 0, 0, 0x98, 6, 7]
  const metric = [74, point.length + 2, 10, point.length, ...point]
  const scope = [18, metric.length, ...metric]
  const resource = [18, scope.length, ...scope]
  const json = toJson('metrics', Uint8Array.from([10, resource.length, ...resource]))
  expect(json.resourceMetrics[0].scopeMetrics[0].metrics[0].histogram.dataPoints[0].bucketCounts).toEqual(['1', '2'])
})
