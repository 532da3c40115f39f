import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ChunkPool } from '../../src/replay/chunk.ts'
import { countItems } from '../../src/replay/count-json.ts'
import { endsWithItsArray, signalOfLine } from '../../src/replay/envelope.ts'
import { oneByOne } from '../../src/replay/scan/alike.ts'
import { eachOf, type RawLine, splitAlike, splitAtNewlines } from '../../src/replay/split.ts'

const SIZE = 4096
const NO_LIMIT = { bytes: SIZE, items: 1e9 }

const span =
  '{"spanId":"ab","startTimeUnixNano":"1","endTimeUnixNano":"2","links":[{"spanId":"cd"}],"name":"UUU endTimeUnixNano"}'
const point = '{"startTimeUnixNano":"1","timeUnixNano":"2","asInt":"3"}'
const records = [
  '{"timeUnixNano":"1","observedTimeUnixNano":"2"}',
  '{"observedTimeUnixNano":"2"}',
  '{"timeUnixNano":"1","body":{"stringValue":"\\"timeUnixNano\\":\\"1\\""}}',
]
const line = (key: string, items: readonly string[]) => `{"${key}":[{"items":[${items.join(',')}]}]}`
const usual = fc.oneof(
  fc.nat(4).map(count => line('resourceSpans', Array(count).fill(span))),
  fc.nat(4).map(count => line('resourceMetrics', Array(count).fill(point))),
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
  '\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0UnixNano":"}]}',
)
const lines = fc.array(fc.oneof({ weight: 5, arbitrary: usual }, { weight: 1, arbitrary: unusual }), { maxLength: 24 })

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
    const { bytes, arena } = inChunk([...texts, other, 'x', other, other, ''].join('\n'), '\n')
    const found = splitAlike(NO_LIMIT)(bytes, 0, true, arena).lines
    expect(found.map(({ alike }) => alike && [alike.signal, alike.ends.length, alike.items])).toEqual([
      ['traces', 3, 6],
      ['logs', 1, 3],
      undefined,
      ['logs', 2, 6],
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

test.each([
  ['{"resourceSpans":[{"a":"]}\\"]}"}]}', true],
  ['{"resourceSpans":[{}],"resourceLogs":[{}]}', false],
  ['{"resourceSpans":[{"a":[{"b":[]}]},{}]}', true],
  ['{"resourceSpans":[{"a":"\\\\"}],"x":[{}]}', false],
  ['{"resourceSpans":[{"a":"never closed]}', true],
])('whether the array of %s is its end', (text, expected) => {
  expect(endsWithItsArray('traces', Buffer.from(text))).toBe(expected)
})
