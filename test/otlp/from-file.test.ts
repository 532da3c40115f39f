import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readItems } from '../../src/otlp/encodings.ts'
import { Items } from '../../src/otlp/items.ts'
import { REQUESTS } from '../../src/otlp/messages.ts'
import type { Encoding } from '../../src/otlp/signal.ts'
import { fromLines, readLines } from '../../src/otlp/synthesize/from-lines.ts'
import { fromTemplate } from '../../src/otlp/synthesize/from-template.ts'
import { countedIds } from '../../src/otlp/synthesize/ids.ts'
import type { Outgoing, Source } from '../../src/otlp/synthesize/source.ts'
import { alike, decodeProtobuf } from './decode-protobuf.ts'

const RUN = '0123456789abcdef'
const START = 1_700_000_000_000
const NOW = 1_763_000_000_000
const bytes = (value: unknown) => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value))
const renewal = (encoding: Encoding) => ({ encoding, run: RUN, ids: countedIds(RUN), startedAtMs: START })
const next = (source: Source, first: number, wanted = 1) => source.next(first, wanted, NOW) as Outgoing
const read = ({ payload }: Outgoing) =>
  payload.encoding === 'json'
    ? JSON.parse(new TextDecoder().decode(payload.body))
    : decodeProtobuf(REQUESTS[payload.signal], payload.body)
const numbers = (outgoing: Outgoing) => {
  const items = readItems(outgoing.payload, new Items())
  return Array.from({ length: items.length }, (_, index) => [items.runAt(index), items.sequence[index]])
}

const TRACE = {
  resourceSpans: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] },
      scopeSpans: [
        {
          spans: [
            {
              traceId: '5B8EFFF798038103D269B633813FC60C',
              spanId: 'EEE19B7EC3C1B174',
              name: 'checkout',
              kind: 2,
              startTimeUnixNano: '1544712660000000000',
              endTimeUnixNano: '1544712661000000000',
              events: [{ timeUnixNano: '1544712660500000000', name: 'paid' }],
              attributes: [
                { key: 'failoverctl.seq', value: { intValue: '99' } },
                { key: 'size', value: { doubleValue: 1.5 } },
              ],
            },
            {
              traceId: '5b8efff798038103d269b633813fc60c',
              spanId: 'eee19b7ec3c1b175',
              parentSpanId: 'eee19b7ec3c1b174',
              name: 'pay',
              startTimeUnixNano: '1544712660100000000',
              endTimeUnixNano: '1544712660900000000',
              links: [
                { traceId: '5B8EFFF798038103D269B633813FC60C', spanId: 'EEE19B7EC3C1B174' },
                { traceId: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', spanId: 'bbbbbbbbbbbbbbbb' },
              ],
            },
            {
              traceId: 'ffffffffffffffffffffffffffffffff',
              spanId: '1111111111111111',
              parentSpanId: '2222222222222222',
              name: 'other',
            },
          ],
        },
      ],
    },
  ],
}

describe('a template of the user', () => {
  test.each(['json', 'protobuf'] as const)('keeps its shape and gets new ids, times and numbers, as %s', encoding => {
    const sent = read(next(fromTemplate('t.json', bytes(TRACE), renewal(encoding)), 10))
    const [checkout, pay, other] = sent.resourceSpans[0].scopeSpans[0].spans
    const id = (sequence: number) => sequence.toString(16).padStart(16, '0')
    expect(sent.resourceSpans[0].resource).toEqual(TRACE.resourceSpans[0]?.resource)
    expect(checkout).toMatchObject({ traceId: RUN + id(10), spanId: id(10), name: 'checkout' })
    expect(pay).toMatchObject({ traceId: RUN + id(10), spanId: id(11), parentSpanId: id(10), name: 'pay' })
    // Its parent was never in the request.
    expect(other).toMatchObject({ traceId: RUN + id(12), spanId: id(12), parentSpanId: '2222222222222222' })
    expect(pay.links).toEqual([
      { traceId: RUN + id(10), spanId: id(10) },
      { traceId: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', spanId: 'bbbbbbbbbbbbbbbb' },
    ])
    const ago = (nanos: unknown) => BigInt(NOW) * 1_000_000n - BigInt(nanos as string)
    expect(
      [checkout.endTimeUnixNano, checkout.startTimeUnixNano, checkout.events[0].timeUnixNano, pay.endTimeUnixNano].map(ago),
    ).toEqual([0n, 1_000_000_000n, 500_000_000n, 100_000_000n])
    expect(checkout.attributes.map(({ key }: { key: string }) => key)).toEqual(['size', 'failoverctl.run', 'failoverctl.seq'])
  })

  test('as many copies as fit, each with traces of its own, at least one', () => {
    const source = fromTemplate('t.json', bytes(TRACE), renewal('json'))
    for (const [wanted, copies] of [
      [1, 1],
      [8, 2],
      [9, 3],
    ] as const) {
      const outgoing = next(source, 7, wanted)
      expect(outgoing.items).toBe(copies * 3)
      expect(numbers(outgoing)).toEqual(Array.from({ length: copies * 3 }, (_, index) => [RUN, 7 + index]))
      const traces = read(outgoing).resourceSpans.map(
        (resource: { scopeSpans: { spans: { traceId: string }[] }[] }) => resource.scopeSpans[0]?.spans[1]?.traceId,
      )
      expect(new Set(traces).size).toBe(copies)
    }
  })

  const METRICS = {
    resourceMetrics: [
      {
        scopeMetrics: [
          {
            metrics: [
              {
                name: 'a',
                sum: {
                  dataPoints: [{ asInt: '5', startTimeUnixNano: '1', timeUnixNano: '1544712660000000000' }, { asDouble: 0.5 }],
                },
              },
              { name: 'b', summary: { dataPoints: [{ count: '2', sum: 3, quantileValues: [{ quantile: 0.5, value: 1 }] }] } },
              {
                name: 'c',
                exponentialHistogram: { dataPoints: [{ scale: -2, positive: { offset: -3, bucketCounts: ['1', '0'] } }] },
              },
            ],
          },
        ],
      },
    ],
  }
  const LOGS = {
    resourceLogs: [
      { scopeLogs: [{ logRecords: [{ body: { stringValue: 'ü' } }, { traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8) }] }] },
    ],
  }

  test.each([
    ['traces', TRACE, 3],
    ['metrics', METRICS, 4],
    ['logs', LOGS, 2],
  ] as const)('%s are the same in both encodings, and counted', (signal, template, items) => {
    const [json, protobuf] = (['json', 'protobuf'] as const).map(encoding =>
      next(fromTemplate('t.json', bytes(template), renewal(encoding)), 5),
    )
    expect(json?.items).toBe(items)
    expect(json?.payload.signal).toBe(signal)
    expect(numbers(protobuf as Outgoing)).toEqual(Array.from({ length: items }, (_, index) => [RUN, 5 + index]))
    expect(alike(read(protobuf as Outgoing))).toEqual(alike(read(json as Outgoing)))
  })

  test.each([
    ['no JSON', '{', 't.json: the body is not JSON'],
    ['no request', '{"spans": []}', 't.json: is no OTLP request'],
    ['an empty request', '{"resourceSpans": []}', 't.json: there is nothing in it to send'],
    ['a list that is none', '{"resourceLogs": [{"scopeLogs": 3}]}', 't.json: scopeLogs must be a list'],
  ])('%s is refused with its name', (_, text, message) => {
    expect(() => next(fromTemplate('t.json', bytes(text), renewal('json')), 1)).toThrow(
      expect.objectContaining({ code: 'not-otlp', message }),
    )
  })
})

describe('the lines of a file', () => {
  const line = (name: string) => ({
    resourceSpans: [{ scopeSpans: [{ spans: [{ traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8), name }] }] }],
  })
  const log = { resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: 'x' } }, {}] }] }] }
  const file = bytes(
    `${JSON.stringify(line('a'))}\n\n{"resourceSpans":[]}\n${JSON.stringify(log)}\r\n${JSON.stringify(line('b'))}`,
  )

  test('are sent as they are, once, each signal by itself', () => {
    const lines = readLines('f.jsonl', file)
    const [traces, logs] = [fromLines(lines, 'traces', false, 'json'), fromLines(lines, 'logs', false, 'json')]
    expect(lines.map(({ name, signal }) => `${name} ${signal}`)).toEqual([
      'f.jsonl:1 traces',
      'f.jsonl:4 logs',
      'f.jsonl:5 traces',
    ])
    expect(read(next(traces, 1))).toEqual(line('a'))
    expect(read(next(traces, 2))).toEqual(line('b'))
    expect(traces.next(3, 1, NOW)).toBeUndefined()
    expect(next(logs, 1).items).toBe(2)
  })

  test('again and again with --loop, in protobuf too', () => {
    const traces = fromLines(readLines('f.jsonl', file), 'traces', true, 'protobuf')
    const names = Array.from(
      { length: 5 },
      (_, index) => read(next(traces, index + 1)).resourceSpans[0].scopeSpans[0].spans[0].name,
    )
    expect(names.join('')).toBe('ababa')
  })

  test('with new ids where they are wanted', () => {
    const traces = fromLines(readLines('f.jsonl', file), 'traces', true, 'json', renewal('json'))
    expect([1, 2, 3].flatMap(first => numbers(next(traces, first, 500)))).toEqual([
      [RUN, 1],
      [RUN, 2],
      [RUN, 3],
    ])
  })

  test.each([
    ['a line that is torn', '{"resourceSpans": []}\n{"resourceSp', 'not-otlp', 'f.jsonl:2: the body is not JSON'],
    ['no line', '\n \n', 'empty-file', 'f.jsonl: there is nothing in it to send'],
    ['no item', '{"resourceLogs": []}', 'empty-file', 'f.jsonl: there is nothing in it to send'],
    ['a list that is none', '{"resourceLogs": 3}', 'not-otlp', 'f.jsonl:1: resourceLogs must be a list'],
  ])('%s is refused', (_, text, code, message) => {
    expect(() => readLines('f.jsonl', bytes(text))).toThrow(expect.objectContaining({ code, message }))
  })

  test('whatever a template is made of, every number of it comes back', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 10 }),
        (spans, wanted, first) => {
          const id = (index: number, digits: number) => (index + 1).toString(16).padStart(digits, '0')
          const list = Array.from({ length: spans }, (_, index) => ({
            traceId: id(index >> 1, 32),
            spanId: id(index, 16),
            name: 'x',
          }))
          const template = bytes({ resourceSpans: [{ scopeSpans: [{ spans: list }] }] })
          const outgoing = next(fromTemplate('t.json', template, renewal('protobuf')), first, wanted)
          expect(outgoing.items).toBe(spans * Math.max(1, Math.floor(wanted / spans)))
          expect(numbers(outgoing)).toEqual(Array.from({ length: outgoing.items }, (_, index) => [RUN, first + index]))
        },
      ),
      { numRuns: 100, seed: 4 },
    )
  })
})
