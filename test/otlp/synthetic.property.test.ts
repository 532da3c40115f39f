import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { seeded } from '../../src/core/random.ts'
import { readItems } from '../../src/otlp/encodings.ts'
import { Items } from '../../src/otlp/items.ts'
import { REQUESTS } from '../../src/otlp/messages.ts'
import { type Encoding, SIGNALS, type Signal } from '../../src/otlp/signal.ts'
import { countedIds, randomIds } from '../../src/otlp/synthesize/ids.ts'
import { METRIC_KINDS, PLAIN, SEVERITIES, type Severity, type Shape } from '../../src/otlp/synthesize/shape.ts'
import type { Outgoing } from '../../src/otlp/synthesize/source.ts'
import { synthetic } from '../../src/otlp/synthesize/synthetic.ts'
import { alike, decodeProtobuf } from './decode-protobuf.ts'

const RUN = '0123456789abcdef'
const signals = Object.keys(SIGNALS) as Signal[]

const shapes: fc.Arbitrary<Shape> = fc.record({
  service: fc.constantFrom('failoverctl', 'bäckerei „süß“', '支払い'),
  services: fc.integer({ min: 1, max: 12 }),
  resourceAttributes: fc.array(fc.record({ key: fc.string(), value: fc.string({ unit: 'binary' }) }), { maxLength: 2 }),
  itemAttributes: fc.array(fc.record({ key: fc.string(), value: fc.string({ unit: 'binary' }) }), { maxLength: 2 }),
  attributes: fc.nat(3),
  attributeSize: fc.nat(20),
  cardinality: fc.integer({ min: 1, max: 1500 }),
  depth: fc.integer({ min: 1, max: 5 }),
  errors: fc.constantFrom(0, 0.1, 1 / 3, 1),
  events: fc.nat(2),
  links: fc.nat(2),
  metrics: fc.subarray([...METRIC_KINDS], { minLength: 1 }),
  severity: fc.constantFrom(...(Object.keys(SEVERITIES) as Severity[])),
  body: fc.string({ unit: 'binary' }),
})

const sequences = fc.oneof(fc.integer({ min: 1, max: 2000 }), fc.integer({ min: 2 ** 32 - 5, max: 2 ** 45 }))

/** Sends two requests of which the second uses the bytes of the first again, and reads the second. */
function sentAgain(
  signal: Signal,
  encoding: Encoding,
  shape: Shape,
  first: number,
  count: number,
  epochMs: number,
  seed?: number,
) {
  const ids = seed === undefined ? countedIds(RUN) : randomIds(seeded(seed))
  const source = synthetic({ signal, encoding, shape, run: RUN, ids, startedAtMs: 1_700_000_000_000 })
  const before = source.next(first + count, count, epochMs + 86_400_000) as Outgoing
  before.settled()
  return source.next(first, count, epochMs) as Outgoing
}

const parsed = (encoding: Encoding, signal: Signal, { payload }: Outgoing) =>
  encoding === 'json' ? JSON.parse(new TextDecoder().decode(payload.body)) : decodeProtobuf(REQUESTS[signal], payload.body)

describe.each(signals)('%s', signal => {
  test('JSON and protobuf say the same, whatever the shape', () => {
    fc.assert(
      fc.property(
        shapes,
        sequences,
        fc.integer({ min: 1, max: 20 }),
        fc.nat(2 ** 42),
        fc.option(fc.nat(), { nil: undefined }),
        (shape, first, count, epochMs, seed) => {
          const [json, protobuf] = (['json', 'protobuf'] as const).map(encoding => {
            const outgoing = sentAgain(signal, encoding, shape, first, count, epochMs, seed)
            expect(outgoing.items).toBe(count)
            return alike(parsed(encoding, signal, outgoing))
          })
          expect(protobuf).toEqual(json)
        },
      ),
      { numRuns: 150, seed: 7 },
    )
  })

  test('a sink reads every number back, each once', () => {
    fc.assert(
      fc.property(shapes, fc.integer({ min: 1, max: 2 ** 32 - 30 }), fc.integer({ min: 1, max: 20 }), (shape, first, count) => {
        for (const encoding of ['json', 'protobuf'] as const) {
          const items = readItems(sentAgain(signal, encoding, shape, first, count, 1_763_000_000_000).payload, new Items())
          const found = Array.from({ length: items.length }, (_, index) => [items.runAt(index), items.sequence[index]])
          const expected = Array.from({ length: count }, (_, index) => [RUN, first + index])
          expect(found.sort((a, b) => Number(a[1]) - Number(b[1]))).toEqual(expected)
        }
      }),
      { numRuns: 100, seed: 8 },
    )
  })
})

type Span = {
  traceId: string
  spanId: string
  parentSpanId?: string
  startTimeUnixNano: string
  endTimeUnixNano: string
  status: { code?: number }
  links?: { traceId: string; spanId: string }[]
  attributes: { key: string; value: { stringValue?: string; intValue?: string } }[]
}

/** All spans of several requests, in the order of their numbers. */
function spansOf(shape: Partial<Shape>, requests: number, count: number, seed?: number): Span[] {
  const ids = seed === undefined ? countedIds(RUN) : randomIds(seeded(seed))
  const source = synthetic({ signal: 'traces', encoding: 'json', shape: { ...PLAIN, ...shape }, run: RUN, ids, startedAtMs: 0 })
  const all = Array.from({ length: requests }, (_, index) =>
    parsed('json', 'traces', source.next(1 + index * count, count, 1_763_000_000_000) as Outgoing),
  )
  const spans: Span[] = all.flatMap(({ resourceSpans }) =>
    resourceSpans.flatMap(({ scopeSpans }: { scopeSpans: { spans: Span[] }[] }) => scopeSpans[0]?.spans),
  )
  const numberOf = ({ attributes }: Span) => Number(attributes[0]?.value.intValue)
  return spans.sort((a, b) => numberOf(a) - numberOf(b))
}

describe('the shape of traces', () => {
  test.each([undefined, 3])('each span is the child of the one before, across requests too (seed %s)', seed => {
    const spans = spansOf({ depth: 3 }, 6, 4, seed)
    for (const [index, span] of spans.entries()) {
      const root = spans[index - (index % 3)] as Span
      expect(span.traceId).toBe(root.traceId)
      expect(span.parentSpanId).toBe(index % 3 === 0 ? undefined : (spans[index - 1] as Span).spanId)
      expect(BigInt(span.startTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(root.startTimeUnixNano))
      expect(BigInt(span.endTimeUnixNano)).toBeLessThanOrEqual(BigInt(root.endTimeUnixNano))
      expect(BigInt(span.endTimeUnixNano)).toBeGreaterThan(BigInt(span.startTimeUnixNano))
    }
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(8)
  })

  test.each([undefined, 3])('links lead to spans that were sent before (seed %s)', seed => {
    const spans = spansOf({ links: 2, depth: 2 }, 5, 3, seed)
    for (const [index, { links }] of spans.entries()) {
      const expected = [1, 2].map(back => spans[Math.max(0, index - back)] as Span)
      expect(links).toEqual(expected.map(({ traceId, spanId }) => ({ traceId, spanId })))
    }
  })

  test.each([
    [0.1, 10],
    [1 / 3, 33],
    [1, 100],
  ])('errors are this share: %d', (errors, expected) => {
    expect(spansOf({ errors }, 20, 5).filter(({ status }) => status.code === 2)).toHaveLength(expected)
  })

  test('as many different values as wanted, each of the size wanted', () => {
    const values = spansOf({ attributes: 1, attributeSize: 8, cardinality: 30 }, 20, 3).map(
      ({ attributes }) => attributes[1]?.value.stringValue,
    )
    expect(new Set(values).size).toBe(30)
    expect(new Set(values.map(value => value?.length))).toEqual(new Set([8]))
  })

  test('random ids: none twice, and no bit that is always the same', () => {
    const ids = spansOf({}, 20, 500, 9).flatMap(({ traceId, spanId }) => [traceId, spanId])
    expect(new Set(ids).size).toBe(20_000)
    const ones = new Array<number>(64).fill(0)
    for (const id of ids.filter((_, index) => index % 2 === 0))
      for (let bit = 0; bit < 64; bit++) if ((BigInt(`0x${id}`) >> BigInt(bit + 1)) & 1n) ones[bit] = (ones[bit] ?? 0) + 1
    for (const count of ones) expect(Math.abs(count / 10_000 - 0.5)).toBeLessThan(0.05)
  })
})

test('a body in flight keeps its bytes while others are sent', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 60 }), accepted => {
      const source = synthetic({
        signal: 'traces',
        encoding: 'protobuf',
        shape: PLAIN,
        run: RUN,
        ids: countedIds(RUN),
        startedAtMs: 0,
      })
      const inFlight: { outgoing: Outgoing; first: number }[] = []
      for (const [index, isAccepted] of accepted.entries()) {
        inFlight.push({ outgoing: source.next(1 + index * 3, 3, 1_763_000_000_000) as Outgoing, first: 1 + index * 3 })
        for (const { outgoing, first } of inFlight) expect(readItems(outgoing.payload, new Items()).sequence[0]).toBe(first)
        if (isAccepted) inFlight.shift()?.outgoing.settled()
      }
    }),
    { numRuns: 50, seed: 3 },
  )
})
