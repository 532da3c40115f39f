import { expect, test } from 'vitest'
import { exporter } from '../../src/model/exporter.ts'
import { type ClassicSettings, classicFailover } from '../../src/model/failover-classic.ts'
import { accepts, refuses, VirtualCollector } from './virtual-collector.ts'

const SECOND = 1000

/** Which exporters are down, from when to when, in seconds. */
type Outages = Readonly<Record<string, readonly [number, number]>>

function collector(levels: readonly string[], outages: Outages, settings: Partial<ClassicSettings> = {}) {
  const exporters = levels.map(name =>
    exporter(name, { exporter: name, timeoutMs: 5000, grpc: false, seed: 1, retry: undefined }),
  )
  const router = classicFailover('failover', {
    connector: 'failover',
    levels,
    retryIntervalMs: 10 * SECOND,
    condition: [],
    counted: false,
    retryGapMs: SECOND,
    maxRetries: 10,
    zeroBlocks: false,
    ...settings,
  })
  return new VirtualCollector([...exporters, router], 'failover', (name, at) => {
    const outage = outages[name]
    return outage && at >= outage[0] * SECOND && at < outage[1] * SECOND ? refuses : accepts
  })
}

/** Ten requests a second; answers with each change of level and its second. */
function levelsOver(made: VirtualCollector, seconds: number): (readonly [number, number])[] {
  for (let tenth = 0; tenth < seconds * 10; tenth++) {
    made.send(tenth)
    made.advance(100)
  }
  return made.seen.flatMap(seen => (seen.do === 'level' ? [[seen.at / SECOND, seen.level] as const] : []))
}

test('after the interval and one gap the higher level is current, and what comes is the trial', () => {
  const made = collector(['a', 'b'], { a: [2, 5] })
  expect(levelsOver(made, 20)).toEqual([
    [2, 1],
    [13, 0],
  ])
  expect(made.replies.every(({ result }) => result.ok)).toBe(true)
})

test('a trial that fails costs its batch nothing, and the next comes an interval later', () => {
  const made = collector(['a', 'b'], { a: [2, 14] })
  expect(levelsOver(made, 30)).toEqual([
    [2, 1],
    [13, 0],
    [13, 1],
    [23, 0],
  ])
  expect(made.replies.every(({ result }) => result.ok)).toBe(true)
})

test('levels are tried one gap apart, the highest first', () => {
  const made = collector(['a', 'b', 'c'], { a: [2, 60], b: [2, 4] })
  expect(levelsOver(made, 15)).toEqual([
    [2, 1],
    [2, 2],
    [13, 0],
    [13, 2],
    [14, 1],
  ])
})

test('a level that failed max_retries trials is never tried again', () => {
  const made = collector(['a', 'b'], { a: [2, 40] }, { maxRetries: 2 })
  expect(levelsOver(made, 120).map(([, level]) => level)).toEqual([1, 0, 1, 0, 1])
})

test('max_retries 0 is without limit, and before 0.116 it is never', () => {
  expect(levelsOver(collector(['a', 'b'], { a: [2, 40] }, { maxRetries: 0 }), 60).at(-1)?.[1]).toBe(0)
  expect(levelsOver(collector(['a', 'b'], { a: [2, 40] }, { maxRetries: 0, zeroBlocks: true }), 60)).toEqual([[2, 1]])
})

test('without traffic a level stays on trial until a batch comes', () => {
  const made = collector(['a', 'b'], { a: [0, 5] })
  made.send('first')
  made.advance(60 * SECOND)
  made.send('second')
  made.advance(SECOND)
  expect(made.attempts.map(({ exporter: name }) => name)).toEqual(['a', 'b', 'a'])
})
