import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { VirtualClock } from '../../../src/core/clock.ts'
import type { Encoding, Signal } from '../../../src/otlp/signal.ts'
import { transcode } from '../../../src/otlp/transcode.ts'
import type { Line } from '../../../src/replay/backup.ts'
import { parseFilter } from '../../../src/replay/filter/parse.ts'
import { dedup } from '../../../src/replay/transform/dedup.ts'
import { paceOf } from '../../../src/replay/transform/pace.ts'
import { recordedAtMs } from '../../../src/replay/transform/recorded-at.ts'
import { type Changes, transformOf } from '../../../src/replay/transform/transform.ts'

const NONE: Changes = {
  sinceMs: undefined,
  untilMs: undefined,
  filter: undefined,
  dedup: false,
  shiftMs: undefined,
  mark: undefined,
}
const encoder = new TextEncoder()
const decoder = new TextDecoder()

const lineOf = (signal: Signal, request: unknown, items: number, encoding: Encoding = 'json'): Line => {
  const body = encoder.encode(typeof request === 'string' ? request : JSON.stringify(request))
  const bytes = encoding === 'json' ? body : transcode({ signal, encoding: 'json', body }, 'protobuf').body
  return { file: {} as Line['file'], from: 0, to: bytes.length + 1, signal, encoding, bytes, items }
}

const id = (number: number) => number.toString(16).padStart(16, '0')
const T0 = 1_700_000_000_000
const nanos = (ms: number) => `${ms}000000`

const span = (number: number, ms = T0) => ({
  traceId: id(1) + id(number),
  spanId: id(number),
  name: `span ${number}`,
  startTimeUnixNano: nanos(ms),
  endTimeUnixNano: nanos(ms + 5),
  events: [{ timeUnixNano: nanos(ms + 1), name: 'e' }],
})
const service = (name: string) => ({ attributes: [{ key: 'service.name', value: { stringValue: name } }] })
const traces = (...resources: [string, ...ReturnType<typeof span>[]][]) => ({
  resourceSpans: resources.map(([name, ...spans]) => ({
    resource: service(name),
    scopeSpans: [{ scope: { name: 's' }, spans }],
  })),
})

const read = (bytes: Uint8Array, signal: Signal, encoding: Encoding) =>
  JSON.parse(decoder.decode(encoding === 'json' ? bytes : transcode({ signal, encoding, body: bytes }, 'json').body))

const namesIn = (request: ReturnType<typeof traces>) =>
  request.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans.map(({ name }) => name)))

test('nothing asked for is no transform at all', () => expect(transformOf(NONE)).toBeUndefined())

describe.each(['json', 'protobuf'] as const)('a line of %s', encoding => {
  const run = (changes: Partial<Changes>, request: ReturnType<typeof traces>, items: number) =>
    transformOf({ ...NONE, ...changes })!(lineOf('traces', request, items, encoding))

  test('keeps what a filter wants, and counts what it leaves out', () => {
    const request = traces(['checkout', span(1), span(2)], ['cart', span(3)])
    const result = run({ filter: parseFilter('service.name == "checkout"') }, request, 3)
    if (result.kind !== 'changed') throw new Error(result.kind)
    expect([result.items, result.skippedItems]).toEqual([2, 1])
    expect(namesIn(read(result.bytes, 'traces', encoding))).toEqual(['span 1', 'span 2'])
  })

  test('of which all is wanted stays as it is, byte for byte', () => {
    expect(run({ filter: parseFilter('service.name') }, traces(['a', span(1)]), 1)).toEqual({ kind: 'same' })
  })

  test('of which nothing is wanted is skipped', () => {
    expect(run({ filter: parseFilter('service.name == "x"') }, traces(['a', span(1)]), 1)).toEqual({ kind: 'skipped' })
  })

  test('is cut to a stretch of time, its start included and its end not', () => {
    const request = traces(['a', span(1, T0), span(2, T0 + 10), span(3, T0 + 20)])
    const result = run({ sinceMs: T0 + 10, untilMs: T0 + 20 }, request, 3)
    if (result.kind !== 'changed') throw new Error(result.kind)
    expect(namesIn(read(result.bytes, 'traces', encoding))).toEqual(['span 2'])
  })

  test('is moved in time with all that it holds', () => {
    const result = run({ shiftMs: 3_600_000 }, traces(['a', span(1)]), 1)
    if (result.kind !== 'changed') throw new Error(result.kind)
    expect(read(result.bytes, 'traces', encoding)).toEqual(traces(['a', span(1, T0 + 3_600_000)]))
  })

  test('is marked once, however often it is replayed', () => {
    const first = run({ mark: 'r1' }, traces(['a', span(1)]), 1)
    if (first.kind !== 'changed') throw new Error(first.kind)
    const again = transformOf({ ...NONE, mark: 'r2' })!({ ...lineOf('traces', {}, 1, encoding), bytes: first.bytes })
    if (again.kind !== 'changed') throw new Error(again.kind)
    expect(read(again.bytes, 'traces', encoding).resourceSpans[0].resource.attributes).toEqual([
      { key: 'service.name', value: { stringValue: 'a' } },
      { key: 'failoverctl.replay.run_id', value: { stringValue: 'r2' } },
    ])
  })
})

test('a line that is no request cannot be judged, and says why', () => {
  const transform = transformOf({ ...NONE, filter: parseFilter('a') })!
  expect(transform(lineOf('traces', '{"resourceSpans":[{]}', 1))).toEqual({ kind: 'unreadable', reason: 'the body is not JSON' })
  expect(transform(lineOf('traces', '[]', 1))).toEqual({ kind: 'unreadable', reason: 'expected a JSON object' })
})

test('a request without items stays as it is', () => {
  expect(transformOf({ ...NONE, mark: 'r' })!(lineOf('traces', { resourceSpans: [{ resource: {} }] }, 1))).toEqual({
    kind: 'same',
  })
})

test('times that stand as numbers keep all of their digits', () => {
  const request = `{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"a","startTimeUnixNano":1700000000123456789}]}]}]}`
  const result = transformOf({ ...NONE, shiftMs: 1000 })!(lineOf('traces', request, 1))
  if (result.kind !== 'changed') throw new Error(result.kind)
  expect(decoder.decode(result.bytes)).toContain('"1700000001123456789"')
})

test('metrics are judged point by point, and a metric without points is gone', () => {
  const point = (host: string, ms: number) => ({
    attributes: [{ key: 'host', value: { stringValue: host } }],
    timeUnixNano: nanos(ms),
    asInt: '1',
    exemplars: [{ timeUnixNano: nanos(ms), asInt: '1' }],
  })
  const request = {
    resourceMetrics: [
      {
        scopeMetrics: [
          {
            metrics: [
              { name: 'one', sum: { dataPoints: [point('a', T0), point('b', T0)] } },
              { name: 'two', gauge: { dataPoints: [point('b', T0)] } },
            ],
          },
        ],
      },
    ],
  }
  const result = transformOf({ ...NONE, filter: parseFilter('host == "a"'), shiftMs: 10 })!(lineOf('metrics', request, 3))
  if (result.kind !== 'changed') throw new Error(result.kind)
  expect([result.items, result.skippedItems]).toEqual([1, 2])
  expect(read(result.bytes, 'metrics', 'json').resourceMetrics[0].scopeMetrics[0].metrics).toEqual([
    { name: 'one', sum: { dataPoints: [point('a', T0 + 10)] } },
  ])
})

test('log records are judged by the time of the event, else by when it was seen', () => {
  const record = (name: string, times: object) => ({ eventName: name, ...times })
  const logRecords = [
    record('old', { timeUnixNano: nanos(T0), observedTimeUnixNano: nanos(T0 + 100) }),
    record('seen', { timeUnixNano: '0', observedTimeUnixNano: nanos(T0 + 100) }),
    record('timeless', {}),
  ]
  const result = transformOf({ ...NONE, sinceMs: T0 + 50 })!(
    lineOf('logs', { resourceLogs: [{ scopeLogs: [{ logRecords }] }] }, 3),
  )
  if (result.kind !== 'changed') throw new Error(result.kind)
  const names = read(result.bytes, 'logs', 'json').resourceLogs[0].scopeLogs[0].logRecords.map(
    (one: { eventName: string }) => one.eventName,
  )
  expect(names).toEqual(['seen', 'timeless'])
})

describe('dedup', () => {
  test('lets each span through exactly once, whatever comes in whatever order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 }), { maxLength: 40 }),
        lines => {
          const transform = transformOf({ ...NONE, dedup: true })!
          const passed = lines.flatMap(numbers => {
            const line = lineOf('traces', traces(['a', ...numbers.map(number => span(number))]), numbers.length)
            const result = transform(line)
            if (result.kind === 'skipped') return []
            return namesIn(read(result.kind === 'changed' ? result.bytes : line.bytes, 'traces', 'json'))
          })
          const distinct = new Set(lines.flat().map(number => `span ${number}`))
          expect(passed.toSorted()).toEqual([...distinct].toSorted())
        },
      ),
      { seed: 6, numRuns: 100 },
    )
  })

  test('takes no span for another one that differs in one digit, among tens of thousands', () => {
    const transform = transformOf({ ...NONE, dedup: true })!
    let passed = 0
    for (let from = 1; from < 30_000; from += 1000) {
      const spans = Array.from({ length: 1000 }, (_, index) => span(from + index))
      if (transform(lineOf('traces', traces(['a', ...spans]), 1000)).kind === 'same') passed += 1000
    }
    expect(passed).toBe(30_000)
    expect(transform(lineOf('traces', traces(['a', span(17_777)]), 1))).toEqual({ kind: 'skipped' })
  })

  test('remembers the latest when it is full, and forgets only what is long past', () => {
    const slots = 8192
    const wanted = dedup(slots)
    const isNew = (number: number) =>
      wanted({ signal: 'traces', resource: {}, scope: {}, leaf: span(number), point: span(number) })
    const all = Array.from({ length: 20_000 }, (_, index) => index + 1)
    expect(all.filter(isNew)).toHaveLength(all.length)
    expect(all.slice(-slots * 0.75).filter(isNew)).toEqual([])
    expect(isNew(1)).toBe(true)
  })

  test('leaves alone what has no ids', () => {
    const transform = transformOf({ ...NONE, dedup: true })!
    const line = lineOf('traces', { resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'a' }, { name: 'a' }] }] }] }, 2)
    expect(transform(line)).toEqual({ kind: 'same' })
  })
})

test.each(['json', 'protobuf'] as const)('the recorded time of a line of %s is found without parsing', encoding => {
  expect(recordedAtMs(lineOf('traces', traces(['a', span(1, T0 + 7)]), 1, encoding))).toBe(T0 + 7)
})

test('a line without a time, and one that is no request, have none', () => {
  expect(
    recordedAtMs(lineOf('logs', { resourceLogs: [{ scopeLogs: [{ logRecords: [{ timeUnixNano: '0' }] }] }] }, 1)),
  ).toBeUndefined()
  expect(recordedAtMs({ ...lineOf('traces', {}, 1), encoding: 'protobuf', bytes: encoder.encode('no') })).toBeUndefined()
})

test('a pace keeps the distances of the recording, so many times as fast', async () => {
  const clock = new VirtualClock()
  const pace = paceOf(10, clock)
  const sentAt: number[] = []
  const run = async () => {
    for (const ms of [0, 100, 50, 1000, 3000]) {
      await pace(lineOf('traces', traces(['a', span(1, T0 + ms)]), 1), new AbortController().signal)
      sentAt.push(clock.now())
    }
  }
  await Promise.all([run(), clock.advance(1000)])
  expect(sentAt).toEqual([0, 10, 10, 100, 300])
})
