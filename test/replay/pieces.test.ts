import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { classifyJson } from '../../src/replay/classify.ts'
import { countItems } from '../../src/replay/count-json.ts'
import { apart, type Held } from '../../src/replay/held.ts'
import { identify } from '../../src/replay/identity.ts'
import { Intervals } from '../../src/replay/intervals.ts'
import { decodeRecords, encodeRecords, type JournalRecord } from '../../src/replay/journal-text.ts'
import { byTime, rotatedAt } from '../../src/replay/rotation.ts'
import { bodyOf, resourcesOf, restore } from '../../src/replay/splice.ts'

describe('intervals', () => {
  test('are what a set of numbers is, whatever the order', () => {
    const range = fc.tuple(fc.nat(60), fc.nat(20)).map(([from, length]) => [from, from + length] as const)
    fc.assert(
      fc.property(fc.array(range), ranges => {
        const [intervals, numbers] = [new Intervals(), new Set<number>()]
        for (const [from, to] of ranges) {
          intervals.add(from, to)
          for (let number = from; number < to; number++) numbers.add(number)
        }
        for (let number = 0; number < 90; number++) expect(intervals.has(number)).toBe(numbers.has(number))
        expect(intervals.total).toBe(numbers.size)
        let low = 0
        while (numbers.has(low)) low++
        expect(intervals.lowWater).toBe(low)
        expect(intervals.highWater).toBe(Math.max(-1, ...numbers) + 1)
        const all = [...intervals]
        expect(all.every(([from, to], index) => from < to && (all[index + 1]?.[0] ?? Number.POSITIVE_INFINITY) > to)).toBe(true)
      }),
      { seed: 7 },
    )
  })
})

describe('joining', () => {
  const value = fc.jsonValue().map(inner => ({ inner, text: 'a"b]}\n{"resourceSpans":[' }))
  const opening = '{"resourceSpans":['

  /** Lines as they lie in a chunk, or each for itself. */
  function held(texts: readonly string[], together: boolean, newline: string): Held[] {
    const bytes = Buffer.from(texts.map(text => text + newline).join(''))
    const chunk = together ? { bytes, uses: 1 } : undefined
    let at = 0
    return texts.map(text => {
      const length = Buffer.byteLength(text)
      const own = together ? bytes.subarray(at, at + length) : Buffer.from(text)
      at += length + newline.length
      return {
        bytes: own,
        chunk,
        signal: 'traces',
        encoding: 'json',
        joinable: true,
        from: 0,
        to: 0,
        items: 1,
      } as unknown as Held
    })
  }

  /** The same, with runs of them as one. */
  function stretched(lines: readonly Held[], lengths: readonly number[]): Held[] {
    const [taken, rest] = [lines.slice(0, lengths[0] ?? lines.length), lines.slice(lengths[0] ?? lines.length)]
    const [first, last] = [taken[0], taken.at(-1)]
    if (!first || !last) return []
    const from = first.bytes.byteOffset
    const endOf = ({ bytes }: Held) => bytes.byteOffset + bytes.length - from
    const bytes = Buffer.from(first.bytes.buffer, from, endOf(last))
    const ends = new Uint32Array(taken.map(endOf))
    return [{ ...first, bytes, ends, count: taken.length, items: taken.length }, ...stretched(rest, lengths.slice(1))]
  }

  const texts = fc.array(fc.array(value, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 8 })
  const runs = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 8 })

  test('of lines that are taken as one is the same, is undone the same, and they come apart as they were', () => {
    fc.assert(
      fc.property(texts, runs, fc.boolean(), (contents, lengths, together) => {
        const lines = contents.map(content => `${opening}${JSON.stringify(content).slice(1, -1)}]}`)
        const all = stretched(held(lines, true, '\n'), lengths).map(one => (together ? one : { ...one, chunk: undefined }))
        const body = bodyOf(all)
        expect(JSON.parse(Buffer.from(body).toString())).toEqual(JSON.parse(JSON.stringify({ resourceSpans: contents.flat() })))
        const parts = resourcesOf(all, body)?.map(([from, to]) => JSON.parse(`[${Buffer.from(body.subarray(from, to))}]`))
        expect(parts ?? contents).toEqual(JSON.parse(JSON.stringify(contents)))
        restore(all)
        expect(all.flatMap(apart).map(({ bytes }) => Buffer.from(bytes).toString())).toEqual(lines)
      }),
      { seed: 7 },
    )
  })

  test('tells where the resources of each line are', () => {
    const texts = fc.array(fc.array(value, { minLength: 1, maxLength: 3 }), { minLength: 2, maxLength: 6 })
    fc.assert(
      fc.property(texts, fc.boolean(), fc.constantFrom('\n', '\r\n'), (contents, together, newline) => {
        const lines = held(
          contents.map(content => `${opening}${JSON.stringify(content).slice(1, -1)}]}`),
          together,
          newline,
        )
        const body = bodyOf(lines)
        const parts = (resourcesOf(lines, body) ?? []).map(([from, to]) =>
          JSON.parse(`[${Buffer.from(body.subarray(from, to)).toString()}]`),
        )
        expect(parts).toEqual(JSON.parse(JSON.stringify(contents)))
      }),
      { seed: 7 },
    )
  })

  test('gives one request with all that was in the lines, in their order, and can be undone', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(value, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 6 }),
        fc.boolean(),
        fc.constantFrom('\n', '\r\n'),
        (contents, together, newline) => {
          const texts = contents.map(content => `${opening}${JSON.stringify(content).slice(1, -1)}]}`)
          const lines = held(texts, together, newline)
          const body = bodyOf(lines)
          expect(JSON.parse(Buffer.from(body).toString())).toEqual(JSON.parse(JSON.stringify({ resourceSpans: contents.flat() })))
          if (together) expect(body.buffer).toBe((lines[0] as Held).bytes.buffer)
          restore(lines)
          expect(lines.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual(texts)
        },
      ),
      { seed: 7 },
    )
  })
})

describe('journal', () => {
  const records: JournalRecord[] = [
    { do: 'file', id: '1-2-3-ab', path: '/b/a\nb.jsonl', size: 10 },
    { do: 'settled', id: '1-2-3-ab', from: 0, to: 10, lines: 1, items: 2, as: 'acknowledged' },
    { do: 'done', id: '1-2-3-ab', size: 10, path: '/b/processed/a' },
  ]

  test('comes back as it was written, and cut anywhere it holds what was whole', () => {
    const data = encodeRecords(records)
    expect(decodeRecords(data)).toEqual(records)
    for (let length = 0; length < data.length; length++) {
      const whole = data.subarray(0, length).filter(byte => byte === 0x0a).length
      const read = decodeRecords(data.subarray(0, length))
      expect(read).toEqual(records.slice(0, read.length))
      expect(read.length - whole).toBeLessThanOrEqual(1)
    }
  })

  test('a byte that is damaged costs its own record', () => {
    const data = encodeRecords(records)
    for (let at = 0; at < data.length; at++) {
      const damaged = data.slice()
      damaged[at] = (damaged[at] as number) ^ 1
      const read = decodeRecords(damaged)
      expect(read.every(record => records.some(one => JSON.stringify(one) === JSON.stringify(record)))).toBe(true)
      expect(read.length).toBeGreaterThanOrEqual(1)
    }
  })
})

test.each([
  [
    'traces',
    '{"resourceSpans":[{"scopeSpans":[{"spans":[{"endTimeUnixNano":"1","links":[{"spanId":"x"}],"events":[{"timeUnixNano":"1"}]},{"endTimeUnixNano":"2"}]}]}]}',
    2,
  ],
  [
    'traces',
    String.raw`{"resourceSpans":[{"scopeSpans":[{"spans":[{"endTimeUnixNano":"1","name":"\"endTimeUnixNano\":\"U"}]}]}]}`,
    1,
  ],
  [
    'metrics',
    '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"sum":{"dataPoints":[{"startTimeUnixNano":"1","timeUnixNano":"2"},{"timeUnixNano":"2"}]}}]}]}]}',
    2,
  ],
  // As a collector 0.161.0 writes exemplars: with attributes of their own, without, and without a time.
  [
    'metrics',
    '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"gauge":{"dataPoints":[{"startTimeUnixNano":"5","timeUnixNano":"7","asDouble":1.5,"exemplars":[{"filteredAttributes":[{"key":"k","value":{"stringValue":"v"}}],"timeUnixNano":"6","asInt":"3","traceId":"01020304050607080102030405060708","spanId":"0102030405060708"},{"timeUnixNano":"6","asDouble":3},{"asDouble":3}],"flags":1},{"timeUnixNano":"7","asInt":"1"}]}},{"histogram":{"dataPoints":[{"timeUnixNano":"7","count":"3","exemplars":[{"timeUnixNano":"6","asInt":"3"}],"min":1}]}}]}]}]}',
    3,
  ],
  // No JSON: its backend will say so.
  ['metrics', '{"resourceMetrics":[{"scopeMetrics":[{"metrics":["exemplars":[{"timeUnixNano":"6"}]}]}]}', 1],
  [
    'logs',
    '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"observedTimeUnixNano":"1"},{"timeUnixNano":"1","observedTimeUnixNano":"1"}]}]}]}',
    2,
  ],
  ['logs', '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"1"},{"timeUnixNano":"1"}]}]}]}', 2],
  [
    'logs',
    '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"1"},{"observedTimeUnixNano":"1"},{"timeUnixNano":"1","observedTimeUnixNano":"1"}]}]}]}',
    3,
  ],
  [
    'logs',
    '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"observedTimeUnixNano":"1","timeUnixNano":"1"},{"body":{},"timeUnixNano":"1"}]}]}]}',
    2,
  ],
] as const)('counts items of %s', (signal, line, count) => {
  expect(countItems(signal, Buffer.from(line))).toBe(count)
})

test('a line of several signals is counted for each by what is of it', () => {
  const spans = [{ endTimeUnixNano: '1', events: [{ timeUnixNano: '1' }, { timeUnixNano: '2' }] }]
  const both = { resourceSpans: [{ scopeSpans: [{ spans }] }], resourceMetrics: [{ x: { timeUnixNano: '1' } }] }
  expect(classifyJson(Buffer.from(JSON.stringify(both)))).toEqual({
    kind: 'request',
    joinable: false,
    parts: [
      { signal: 'traces', items: 1 },
      { signal: 'metrics', items: 1 },
    ],
  })
})

test('names of rotated files, of both kinds, in their order; the active file last', () => {
  const names = [
    '/b/traces.jsonl',
    '/b/traces-2026-11-21T03-12-32.726-size.jsonl',
    '/b/team-2026-11-20T03-12-32.000/traces-2026-11-20T03-12-32.726.jsonl.gz',
    '/b/a-2026.jsonl',
    '/b/traces-2026-11-21T03-12-32.726.jsonl',
    '/b/traces-2026-11-21T03-12-32.726-time.jsonl',
  ]
  const sorted = names.map(path => ({ path, rotatedAt: rotatedAt(path) })).sort(byTime)
  expect(sorted.map(({ path }) => path)).toEqual([
    '/b/team-2026-11-20T03-12-32.000/traces-2026-11-20T03-12-32.726.jsonl.gz',
    '/b/traces-2026-11-21T03-12-32.726-size.jsonl',
    '/b/traces-2026-11-21T03-12-32.726-time.jsonl',
    '/b/traces-2026-11-21T03-12-32.726.jsonl',
    '/b/a-2026.jsonl',
    '/b/traces.jsonl',
  ])
})

test('a file keeps its name while it grows, and another one with its inode gets its own', () => {
  const entry = { path: '/b/x', size: 1, mtimeMs: 0, device: '1', inode: '2' }
  const bytes = (text: string) => Buffer.from(text)
  const first = identify(entry, bytes('short'))
  expect(identify(entry, bytes(`short and more ${'x'.repeat(2000)}`), [first])).toBe(first)
  expect(identify(entry, bytes('other'), [first])).not.toBe(first)
  expect(identify({ ...entry, inode: '22' }, bytes('short'), [first])).not.toBe(first)
  // Two files of one collector begin with the same resource, however much it says.
  const resource = 'x'.repeat(8000)
  const second = identify(entry, bytes(`${resource} first trace`))
  expect(identify(entry, bytes(`${resource} another trace`), [second])).not.toBe(second)
  // One that was seen before its first line was whole may be any of them.
  const cut = identify(entry, bytes(`{${resource}`))
  expect(identify(entry, bytes(`{${resource}`), [cut])).toBe(cut)
  expect(identify(entry, bytes(`{${resource} another trace`), [cut])).not.toBe(cut)
  const whole = identify(entry, bytes(`{${resource} a trace\n`))
  expect(identify(entry, bytes(`{${resource} a trace\n{and more`), [whole])).toBe(whole)
})
