import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ChunkPool } from '../../src/replay/chunk.ts'
import { countItems } from '../../src/replay/count-json.ts'
import { signalOfLine } from '../../src/replay/envelope.ts'
import { oneByOne } from '../../src/replay/scan/alike.ts'
import { eachOf, type RawLine, splitAlike, splitAtNewlines } from '../../src/replay/split.ts'

const SIZE = 4096
const NO_LIMIT = { bytes: SIZE, items: 1e9 }

const span =
  '{"spanId":"ab","startTimeUnixNano":"1","endTimeUnixNano":"2","links":[{"spanId":"cd"}],"name":"UUU endTimeUnixNano"}'
const point = '{"startTimeUnixNano":"1","timeUnixNano":"2","asInt":"3"}'
const sampled = '{"startTimeUnixNano":"1","timeUnixNano":"2","exemplars":[{"timeUnixNano":"1"}]}'
const records = [
  '{"timeUnixNano":"1","observedTimeUnixNano":"2"}',
  '{"observedTimeUnixNano":"2"}',
  '{"timeUnixNano":"1","body":{"stringValue":"\\"timeUnixNano\\":\\"1\\""}}',
]
const SCHEMA = ',"schemaUrl":"https://opentelemetry.io/schemas/1.26.0"'
const ENDS = ['', SCHEMA]
const line = (key: string, items: readonly string[], [ofScope = '', ofResource = ''] = ['', '']) =>
  `{"${key}":[{"scopes":[{"items":[${items.join(',')}]${ofScope}}]${ofResource}}]}`
const ends = fc.tuple(fc.constantFrom(...ENDS), fc.constantFrom(...ENDS))
const usual = fc.oneof(
  fc.tuple(fc.nat(4), ends).map(([count, end]) => line('resourceSpans', Array(count).fill(span), end)),
  fc.tuple(fc.nat(4), ends).map(([count, end]) => line('resourceMetrics', Array(count).fill(point), end)),
  fc.nat(2).map(count => line('resourceMetrics', [point, ...Array(count).fill(sampled)])),
  fc.array(fc.constantFrom(...records), { maxLength: 5 }).map(items => line('resourceLogs', items)),
)
const unusual = fc.constantFrom(
  '',
  '{}',
  'not JSON',
  '{"resourceSpans":[]}',
  '{"resourceSpans":[}]}',
  ' {"resourceSpans":[{}]}',
  '{"resourceSpans": [{}]}',
  '{"resourceSpans":[{}]} ',
  '{"resourceSpans":[{}]}\r',
  '{"resourceSpanz":[{}]}',
  '{"resourceMetrics":[{"Unix',
  '{"resourceSpans":[{}],"resourceLogs":[{"x":"U"}]}',
  '{"resourceSpans":[{"a":"["}]}',
  '{"resourceSpans":[{"a":"]]]"}]}',
  '\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0UnixNano":"}]}',
)
/** Look like keys, and are none. */
const texts = ['xxxxxxxx', '"exemplars":[', 'exemplars":[', '"exemplars:[', ',"resourceSpans":[', '","resourceMetrics":['].map(
  text => line('resourceLogs', [`{"timeUnixNano":"1","body":{"stringValue":${JSON.stringify(text)}}}`]),
)
const lines = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: usual },
    { weight: 1, arbitrary: unusual },
    { weight: 1, arbitrary: fc.constantFrom(...texts) },
  ),
  { maxLength: 24 },
)

/** The text as it lies in a chunk, with what an earlier use of the chunk left around it. */
function inChunk(text: string, rubbish: string) {
  const chunk = new ChunkPool(SIZE).take()
  chunk.bytes.write(rubbish.repeat(SIZE / rubbish.length))
  const length = chunk.bytes.write(text)
  return { bytes: chunk.bytes.subarray(0, length), arena: chunk.arena }
}

const asText = (found: readonly RawLine[]) => found.map(raw => ({ ...raw, bytes: Buffer.from(raw.bytes ?? []).toString() }))

describe('lines that are alike', () => {
  test('are the lines that there are, however many are taken as one', () => {
    const rubbish = fc.constantFrom('\n', 'U', '"endTimeUnixNano":"', '}]}\n{"resourceSpans":[{}]}\n')
    const limits = fc.record({ bytes: fc.integer({ min: 1, max: SIZE }), items: fc.integer({ min: 1, max: 12 }) })
    fc.assert(
      fc.property(lines, rubbish, fc.boolean(), limits, fc.nat(1000), (texts, rest, atEnd, most, base) => {
        const { bytes, arena } = inChunk(texts.join('\n').slice(0, SIZE), rest)
        const [split, simple] = [splitAlike(most)(bytes, base, atEnd, arena), splitAtNewlines(bytes, base, atEnd)]
        expect(split.consumed).toBe(simple.consumed)
        expect(asText(split.lines.flatMap(eachOf))).toEqual(asText(simple.lines))
        for (const { alike, bytes: held } of split.lines) {
          if (!alike || !held) continue
          const parts = oneByOne(0, held, alike.ends).map(part => part.bytes)
          expect(parts.map(signalOfLine)).toEqual(parts.map(() => alike.signal))
          expect(alike.items).toBe(parts.reduce((sum, part) => sum + countItems(alike.signal, part), 0))
          expect(alike.items).toBeLessThanOrEqual(most.items)
          expect(held.length).toBeLessThanOrEqual(most.bytes)
        }
      }),
      { seed: 11, numRuns: 1000 },
    )
  })

  test('are taken as one as far as they reach', () => {
    const texts = [1, 2, 3].map(count => line('resourceSpans', Array(count).fill(span)))
    const other = line('resourceLogs', records)
    const metrics = [line('resourceMetrics', [point]), line('resourceMetrics', [sampled]), line('resourceMetrics', [point])]
    const { bytes, arena } = inChunk([...texts, other, 'x', other, other, ...metrics, ''].join('\n'), '\n')
    const found = splitAlike(NO_LIMIT)(bytes, 0, true, arena).lines
    expect(found.map(({ alike }) => alike && [alike.signal, alike.ends.length, alike.items])).toEqual([
      ['traces', 3, 6],
      ['logs', 1, 3],
      undefined,
      ['logs', 2, 6],
      ['metrics', 1, 1],
      undefined,
      ['metrics', 1, 1],
    ])
  })

  test('fill what may be sent evenly', () => {
    const text = `${line('resourceSpans', [span])}\n`
    const { bytes, arena } = inChunk(text.repeat(20), '\n')
    const most = { bytes: text.length * 9, items: 1e9 }
    const found = splitAlike(most)(bytes, 0, true, arena).lines
    expect(found.map(({ alike }) => alike?.ends.length)).toEqual([6, 7, 7])
  })

  test('are looked at one by one where there is no arena', () => {
    const text = `${line('resourceSpans', [span])}\n`
    const found = splitAlike(NO_LIMIT)(Buffer.from(text.repeat(3)), 0, true)
    expect(found.lines.map(({ alike }) => alike)).toEqual([undefined, undefined, undefined])
  })
})

describe('chunks', () => {
  test('have memory of their own, however many are in use', () => {
    const pool = new ChunkPool(1024 * 1024)
    const taken = Array.from({ length: 40 }, (_, index) => {
      const chunk = pool.take()
      chunk.bytes.fill(index)
      return chunk
    })
    for (const [index, { bytes, arena }] of taken.entries()) {
      expect([bytes.length, bytes[0], bytes.at(-1)]).toEqual([1024 * 1024, index, index])
      expect(arena).toBeDefined()
    }
  })

  test('larger than an arena have one each', () => {
    const chunk = new ChunkPool(20_000_000).take()
    const text = `${line('resourceSpans', [span])}\n`
    const at = 20_000_000 - text.length
    chunk.bytes.write(text, at)
    expect(chunk.arena?.alike(chunk.bytes.subarray(at), 10)?.ends).toEqual(new Uint32Array([text.length - 1]))
  })
})

const inOne = (inside: string, behind = '') => `{"resourceSpans":[{"scopeSpans":[{"spans":[${inside}]}]}]${behind}}`
const WITH_OTHERS: readonly (readonly [string, boolean])[] = [
  [inOne('{}'), true],
  [inOne('{"a":"]}\\"]}"}'), true],
  [inOne('{"a":[{"b":[]}]},{}'), true],
  [inOne('{"a":"\\"resourceLogs\\":["}'), true],
  [inOne('{}', `,${line('resourceLogs', records).slice(1, -1)}`), false],
  [inOne('{}', `,${line('resourceMetrics', [point], ['', SCHEMA]).slice(1, -1)}`), false],
  [inOne('{}', ',"x":[{}]'), false],
  [inOne('{}', ',"x":[{"y":"schemaUrl"}]'), false],
  [inOne('{}', ',"x":[{"y":"a","z":"b"}]'), false],
  [inOne('{}', ',"x":1,"y":[1]'), false],
  [inOne('{"a":"\\\\"}', ',"x":[{}]'), false],
  [inOne('{"a":"["}', ',"x":[{}]'), false],
  ['{"resourceSpans":[{}],"x":1,"resourceSpans":[{}]}', false],
  ['{"resourceSpans":[{"a":"never closed]}', false],
  ['{"resourceSpans":[{"a":[{"b":1}]}', false],
  ['{"resourceSpans":[{"a":1}]}]}', false],
]

describe('a key behind the array would swallow what is joined to it', () => {
  test.each(WITH_OTHERS)('%s alone', (text, joins) => {
    expect(signalOfLine(Buffer.from(text))).toBe(joins ? 'traces' : undefined)
  })

  test.each(WITH_OTHERS)('%s among others', (text, joins) => {
    const other = inOne(span)
    const { bytes, arena } = inChunk(`${other}\n${text}\n${other}\n`, '\n')
    const found = splitAlike(NO_LIMIT)(bytes, 0, true, arena).lines
    expect(found.map(({ alike }) => alike?.ends.length)).toEqual(joins ? [3] : [1, undefined, 1])
  })

  test('for each signal: wherever in a block of 64 bytes the other one begins', () => {
    const keys = ['resourceSpans', 'resourceMetrics', 'resourceLogs']
    for (const key of keys)
      for (const other of keys)
        for (let length = 0; length < 64; length++) {
          const [own, behind] = [line(key, [`"${'a'.repeat(length)}"`]), line(other, [])]
          const { bytes, arena } = inChunk(`${own.slice(0, -1)},${behind.slice(1)}\n`, '\n')
          const found = splitAlike(NO_LIMIT)(bytes, 0, true, arena).lines
          if (key !== other) expect([key, other, length, found[0]?.alike]).toEqual([key, other, length, undefined])
        }
  })
})
