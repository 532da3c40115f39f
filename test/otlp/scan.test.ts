import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readItems } from '../../src/otlp/encodings.ts'
import { newRun } from '../../src/otlp/identity.ts'
import { Items } from '../../src/otlp/items.ts'
import { parseItems } from '../../src/otlp/parse-items.ts'
import { LARGEST_SEQUENCE } from '../../src/otlp/sequence-set.ts'
import type { Signal } from '../../src/otlp/signal.ts'

const RUN = '0000abcd00000012'
const encode = (value: unknown, indent?: number) => new TextEncoder().encode(JSON.stringify(value, null, indent))
const shown = (items: Items) => Array.from({ length: items.length }, (_, at) => `${items.runAt(at)} ${items.sequence[at]}`)
const scanned = (signal: Signal, body: Uint8Array) => shown(readItems({ signal, encoding: 'json', body }))
const parsed = (signal: Signal, body: Uint8Array) => {
  const items = new Items()
  parseItems(signal, body, items)
  return shown(items)
}

const hex16 = (number: number) => number.toString(16).padStart(16, '0')
const runAttribute = { key: 'failoverctl.run', value: { stringValue: RUN } }
const sequenceAttribute = (sequence: number) => ({ key: 'failoverctl.seq', value: { intValue: String(sequence) } })

// Texts that would lead a careless reader astray.
const text = fc.oneof(fc.string(), fc.constantFrom('"traceId":"', '\\', '}]', '{"spans":[', 'failoverctl.seq', 'é€\u{1f600}'))
const attribute = fc.record({
  key: text,
  value: fc.oneof(
    fc.record({ stringValue: text }),
    fc.record({ intValue: fc.integer().map(String) }),
    fc.record({ boolValue: fc.boolean() }),
    fc.record({ doubleValue: fc.double({ noNaN: true, noDefaultInfinity: true }) }),
    fc.record({ arrayValue: fc.record({ values: fc.array(fc.record({ stringValue: text }), { maxLength: 3 }) }) }),
    fc.constant({}),
  ),
})
const own = fc.integer({ min: 1, max: 2 ** 32 - 1 }).map(sequenceAttribute)
const attributes = fc.array(fc.oneof(attribute, own, fc.constant(runAttribute)), { maxLength: 4 })
const ids = fc.oneof(
  fc.nat().map(sequence => ({ traceId: RUN + hex16(sequence), spanId: hex16(sequence) })),
  fc.tuple(fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })).map(([trace, span]) => ({
    traceId: trace.toString(16).padStart(32, '0').toUpperCase(),
    spanId: span.toString(16).padStart(16, '0'),
  })),
)
const link = fc.record({ traceId: fc.constant(RUN + hex16(1)), spanId: fc.constant(hex16(1)), attributes })
const span = fc
  .tuple(fc.record({ name: text, attributes, links: fc.array(link, { maxLength: 2 }) }), ids)
  .map(([a, b]) => ({ ...a, ...b }))
const point = fc.record({ attributes, asInt: fc.nat().map(String) }, { requiredKeys: [] })
const metric = fc.record({
  name: text,
  kind: fc.constantFrom('gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'),
  dataPoints: fc.array(point, { maxLength: 4 }),
})
const metricJson = metric.map(({ name, kind, dataPoints }) => ({ name, [kind]: { dataPoints, aggregationTemporality: 2 } }))
const record = fc.record({ body: fc.record({ stringValue: text }), attributes, traceId: fc.constant('') }, { requiredKeys: [] })

const request = (names: readonly [string, string, string], leaf: fc.Arbitrary<unknown>) =>
  fc
    .array(
      fc.record({
        resource: fc.record({ attributes }),
        [names[1]]: fc.array(fc.record({ scope: fc.constant({ name: 'x' }), [names[2]]: fc.array(leaf, { maxLength: 4 }) }), {
          maxLength: 2,
        }),
      }),
      { maxLength: 3 },
    )
    .map(resources => ({ [names[0]]: resources }))

describe('reading by brackets and keys finds what parsing finds', () => {
  const cases: [Signal, fc.Arbitrary<unknown>][] = [
    ['traces', request(['resourceSpans', 'scopeSpans', 'spans'], span)],
    ['metrics', request(['resourceMetrics', 'scopeMetrics', 'metrics'], metricJson)],
    ['logs', request(['resourceLogs', 'scopeLogs', 'logRecords'], record)],
  ]
  test.each(cases)('%s', (signal, bodies) => {
    let items = 0
    fc.assert(
      fc.property(bodies, fc.constantFrom(undefined, 2), (body, indent) => {
        const bytes = encode(body, indent)
        const found = parsed(signal, bytes)
        expect(scanned(signal, bytes)).toEqual(found)
        items += found.filter(item => item.startsWith(RUN)).length
      }),
      { seed: 11, numRuns: 400 },
    )
    expect(items).toBeGreaterThan(100)
  })

  test.each(cases)('%s that were damaged are refused by both, or read alike', (signal, bodies) => {
    fc.assert(
      fc.property(bodies, fc.nat(), fc.constantFrom('}', ']', '"', ',', ''), (body, place, instead) => {
        const whole = JSON.stringify(body)
        const at = place % whole.length
        const bytes = new TextEncoder().encode(whole.slice(0, at) + instead + whole.slice(at + 1))
        let expected: string[]
        try {
          expected = parsed(signal, bytes)
        } catch {
          // What is inside a value is not looked at: the quick reading may take what parsing refuses, but never count more.
          let found: string[] = []
          try {
            found = scanned(signal, bytes)
          } catch {}
          expect(found.length).toBeLessThanOrEqual(parsed(signal, encode(body)).length)
          return
        }
        expect(scanned(signal, bytes)).toEqual(expected)
      }),
      { seed: 12, numRuns: 400 },
    )
  })
})

test('several spans of one trace are told apart by their span ids', () => {
  const spans = [3, 4, 5].map(sequence => ({ traceId: RUN + hex16(3), spanId: hex16(sequence) }))
  expect(scanned('traces', encode({ resourceSpans: [{ scopeSpans: [{ spans }] }] }))).toEqual([3, 4, 5].map(n => `${RUN} ${n}`))
})

test('a span of any run gives run and number back', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: LARGEST_SEQUENCE }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (sequence, chance) => {
        const run = newRun(() => chance)
        expect(run).toMatch(/^[0-9a-f]{16}$/)
        const span = { traceId: run + hex16(sequence), spanId: hex16(sequence) }
        expect(scanned('traces', encode({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }))).toEqual([
          `${run} ${sequence}`,
        ])
      },
    ),
    { seed: 3 },
  )
})

test.each([
  ['a trace of 64 bits whose first span has its id', '0000000000000000463ac35c9f6413ad', '463ac35c9f6413ad'],
  ['random ids', '3c26c686d9da75e85f7759e3a0d8408a', 'd893541e4bb42c9d'],
  ['a trace younger than its span', `${RUN}0000000000000009`, '0000000000000004'],
  ['no number', `${RUN}0000000000000000`, '0000000000000000'],
])('%s is of no run', (_, traceId, spanId) => {
  expect(scanned('traces', encode({ resourceSpans: [{ scopeSpans: [{ spans: [{ traceId, spanId }] }] }] }))).toEqual([
    'undefined 0',
  ])
})

describe('protobuf as a collector writes it (core 0.161), each field before the one with the lower number', () => {
  const cases: [Signal, string, string][] = [
    [
      'metrics',
      '0aa80112840112732a5b0a5921000000000000e03f198042765a9204ea1811c0a38f549204ea183a2512120a10303133626262336337623861633663390a0f6661696c6f76657263746c2e72756e3a15120218010a0f6661696c6f76657263746c2e7365711a01310a116661696c6f76657263746c2e67617567650a0d0a0b6661696c6f76657263746c0a1f0a1d120d0a0b6661696c6f76657263746c0a0c736572766963652e6e616d65',
      '013bbb3c7b8ac6c9 1',
    ],
    [
      'logs',
      '0ac201129e01128c01520800000000000000014a1003346e4251793e8e0000000000000001322512120a10303333343665343235313739336538650a0f6661696c6f76657263746c2e72756e3215120218010a0f6661696c6f76657263746c2e7365712a160a1473796e746865746963206c6f67207265636f72641a04494e464f10095900041b7e9204ea180900041b7e9204ea180a0d0a0b6661696c6f76657263746c0a1f0a1d120d0a0b6661696c6f76657263746c0a0c736572766963652e6e616d65',
      '03346e4251793e8e 1',
    ],
  ]
  test.each(cases)('%s', (signal, hex, item) => {
    expect(shown(readItems({ signal, encoding: 'protobuf', body: Buffer.from(hex, 'hex') }))).toEqual([item])
  })
})
