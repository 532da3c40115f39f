import { describe, expect, test } from 'vitest'
import { VirtualClock } from '../../src/core/clock.ts'
import type { GetRequest, HttpReply } from '../../src/core/host.ts'
import { readFigures } from '../../src/metrics/figures.ts'
import { parsePrometheus } from '../../src/metrics/prometheus.ts'
import { eventsBetween } from '../../src/watch/events.ts'
import { watchMetrics } from '../../src/watch/exposition.ts'
import { Series } from '../../src/watch/history.ts'
import type { Look } from '../../src/watch/look.ts'
import { fixedSource, type Source } from '../../src/watch/source.ts'
import { Tracker } from '../../src/watch/tracker.ts'
import { parseWatched, type Watched } from '../../src/watch/watched.ts'
import { Watching } from '../../src/watch/watching.ts'
import { answer, answering, metricsOf } from './answers.ts'

const figuresIn = (text: string) => readFigures(new TextEncoder().encode(text))

const options = { intervalMs: 1000, timeoutMs: 5000 }
const live = new AbortController().signal

async function rounds(watching: Watching, clock: VirtualClock, count: number) {
  const found = []
  for (let round = 0; round < count; round++) {
    const running = watching.round(live)
    await clock.advance(1000)
    const { rows, events } = await running
    found.push({ events, rows: rows.map(({ name, status }) => ({ name, status })) })
  }
  return found
}

test('one of 200 that is silent holds up nobody, and is told when its time is up', async () => {
  const clock = new VirtualClock()
  const all = Array.from({ length: 200 }, (_, index) => parseWatched(`c${index}:1`))
  const network = {
    get: ({ url, timeoutMs }: GetRequest): Promise<HttpReply> =>
      url.includes('//c7:')
        ? new Promise(resolve => clock.timer(timeoutMs, () => resolve({ kind: 'no-answer', reason: '', timedOut: true })))
        : Promise.resolve(answer(metricsOf('normal-level0'))),
  }
  const found = await rounds(new Watching(fixedSource(all), undefined, options, { network, clock }), clock, 7)
  expect(found[0]?.rows.filter(({ status }) => status?.connectors[0]?.level === 0)).toHaveLength(199)
  const silent = found.map(({ rows }) => rows[7]?.status?.problem?.kind)
  expect(silent).toEqual([undefined, undefined, undefined, undefined, 'silent', 'silent', 'silent'])
  expect(found[5]?.events.map(({ collector, kind }) => [collector, kind])).toEqual([['c7:1', 'problem']])
})

test('pods that come and go', async () => {
  const clock = new VirtualClock()
  const lists: Watched[][] = [
    ['a:1', 'b:1'],
    ['b:1', 'c:1'],
  ].map(names => names.map(parseWatched))
  let asked = 0
  const source: Source = {
    changes: true,
    close: async () => {},
    async list() {
      asked++
      if (asked === 2) throw new Error('the API server is busy')
      return lists[asked === 1 ? 0 : 1] as Watched[]
    },
  }
  const network = { get: async () => answer(metricsOf('normal-level0')) }
  const found = await rounds(new Watching(source, undefined, options, { network, clock }), clock, 40)
  const told = found.flatMap(({ events }) => events).filter(({ kind }) => kind === 'came' || kind === 'left')
  expect(told.map(({ collector, kind }) => [collector, kind])).toEqual([
    ['a:1', 'left'],
    ['c:1', 'came'],
  ])
  expect(found.at(-1)?.rows.map(({ name }) => name)).toEqual(['b:1', 'c:1'])
})

describe('events', () => {
  const tracker = () => new Tracker(parseWatched('a:1'), undefined)
  const look = (name: string | undefined, more: Partial<Look> = {}): Look => ({
    at: 0,
    figures: name === undefined ? undefined : figuresIn(metricsOf(name)),
    problem: name === undefined ? { kind: 'silent', message: 'silence', hint: '' } : undefined,
    health: 'ok',
    clockAheadMs: 0,
    ...more,
  })
  const cases: [what: string, looks: readonly Look[], expected: readonly string[]][] = [
    ['a failover', [look('normal-level0'), look('normal-level1')], ['level 0', 'level 0 → level 1']],
    ['nothing new', [look('normal-level1'), look('normal-level1')], ['level 1']],
    [
      'gone and back',
      [look('normal-level1'), look(undefined), look(undefined), look('normal-level1')],
      ['level 1', 'silence', 'can be read again', 'level 1'],
    ],
    [
      'a restart',
      [look('normal-alldown'), look('normal-level0')],
      ['ALL LEVELS FAILED', 'was started anew', 'level -1 → level 0'],
    ],
    [
      'health',
      [look('normal-level0'), look('normal-level0', { health: 'not-ok' }), look('normal-level0')],
      ['level 0', 'says no', 'says yes'],
    ],
    [
      'a clock',
      [look('normal-level0', { clockAheadMs: -90_000 }), look('normal-level0', { clockAheadMs: -91_000 })],
      ['its clock is 1m30s behind', 'level 0'],
    ],
  ]
  test.each(cases)('%s', (_, looks, expected) => {
    const it = tracker()
    const statuses = looks.map(one => it.take(one))
    const texts = statuses.flatMap((status, index) => eventsBetween(statuses[index - 1], status, 0).map(({ text }) => text))
    expect(texts).toHaveLength(expected.length)
    for (const [index, part] of expected.entries()) expect(texts[index]).toContain(part)
  })
})

test('what is served is the level, since when, health and what it was read from', async () => {
  const clock = new VirtualClock()
  const network = answering({
    'http://a:1/metrics': [answer(metricsOf('normal-level0')), answer(metricsOf('normal-level1'))],
    'http://a:2/': answer('', 503),
  })
  const watching = new Watching(
    fixedSource([parseWatched('a:1,name=a "b",health=a:2'), parseWatched('down:1')]),
    undefined,
    options,
    { network, clock },
  )
  await rounds(watching, clock, 4)
  const found = parsePrometheus(watchMetrics(watching.rows))
  const value = (name: string, collector: string) =>
    found.find(sample => sample.name === name && sample.labels.collector === collector)?.value
  expect(value('failoverctl_collector_up', 'a "b"')).toBe(1)
  expect(value('failoverctl_collector_up', 'down:1')).toBe(0)
  expect(value('failoverctl_collector_healthy', 'a "b"')).toBe(0)
  expect(value('failoverctl_failover_level', 'a "b"')).toBe(1)
  expect(value('failoverctl_failover_level', 'down:1')).toBeUndefined()
  expect(value('failoverctl_failover_level_seconds', 'a "b"')).toBe(2)
})

test('a series keeps the newest, and knows what it has not', () => {
  const series = new Series()
  for (let value = 0; value < 1000; value++) series.push(value)
  expect(series.last(3)).toEqual([997, 998, 999])
  expect(series.last(300).filter(Number.isNaN)).toHaveLength(60)
  expect(new Series().last(2)).toEqual([Number.NaN, Number.NaN])
})
