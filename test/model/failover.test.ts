import { describe, expect, test } from 'vitest'
import { exporter } from '../../src/model/exporter.ts'
import { failover, NO_LEVEL_LEFT } from '../../src/model/failover.ts'
import { queue } from '../../src/model/queue.ts'
import { ACCEPTED, accepts, HANGS, refuses, VirtualCollector, type Wire } from './virtual-collector.ts'

const SECOND = 1000

/** Which backends are down, from when to when: `{ primary: [[1, 4]] }`, in seconds. */
type Outages = Readonly<Record<string, readonly (readonly [number, number])[]>>

const wire =
  (outages: Outages, down: ReturnType<Wire> = refuses): Wire =>
  (name, at) =>
    outages[name]?.some(([from, to]) => at >= from * SECOND && at < to * SECOND) ? down : accepts

interface Setup {
  readonly outages: Outages
  readonly down?: ReturnType<Wire>
  readonly queued?: boolean
  readonly levels?: readonly string[]
  readonly condition?: readonly string[]
  readonly retry?: boolean
}

function collector({
  outages,
  down = refuses,
  queued = false,
  levels = ['primary', 'secondary'],
  condition = [],
  retry = false,
}: Setup) {
  const exporters = levels.map(name =>
    exporter(name, {
      exporter: name,
      timeoutMs: 5 * SECOND,
      grpc: false,
      seed: 1,
      retry: retry ? { initialMs: 5000, maxMs: 30_000, maxElapsedMs: 300_000, multiplier: 1.5, randomization: 0.5 } : undefined,
    }),
  )
  const router = failover('failover', { connector: 'failover', levels, retryIntervalMs: 5 * SECOND, condition, counted: queued })
  const waiting = queue('queue', {
    owner: 'failover',
    signal: 'traces',
    child: 'failover',
    size: 1000,
    sizer: 'requests',
    consumers: 10,
    blockOnOverflow: false,
    waitForResult: false,
  })
  return new VirtualCollector([...exporters, router, waiting], queued ? 'queue' : 'failover', wire(outages, down))
}

/** Ten requests a second for so long; the times (s) at which each exporter took one. */
function traffic(made: VirtualCollector, forSeconds: number) {
  for (let tenth = 0; tenth < forSeconds * 10; tenth++) {
    made.send(tenth)
    made.advance(100)
  }
  made.advance(60 * SECOND)
  const sent = (name: string) => made.seen.filter(seen => seen.do === 'sent' && seen.exporter === name)
  return {
    primary: sent('primary').length,
    secondary: sent('secondary').length,
    refused: made.replies.filter(({ result }) => !result.ok).length,
    dropped: made.seen.filter(seen => seen.do === 'dropped').length,
    levels: made.levels,
    firstBelow: sent('secondary')[0]?.at,
  }
}

describe('the failover connector behaves as a real one was measured to', () => {
  test('a primary that refuses: down at once, back at the first tick after it is back, nothing lost', () => {
    const result = traffic(collector({ outages: { primary: [[2, 4]] }, queued: true }), 10)
    expect(result).toMatchObject({ levels: [1, 0], refused: 0, dropped: 0, firstBelow: 2001 })
    expect(result.primary + result.secondary).toBe(100)
    // Ticks come every 5 s from the first error at 2.0 s.
    expect(result.secondary).toBe(50)
  })

  test('a primary that hangs: down after the exporter timeout, nothing lost', () => {
    const made = collector({ outages: { primary: [[2, 10]] }, down: HANGS, queued: true })
    const result = traffic(made, 14)
    expect(result).toMatchObject({ levels: [1, 0], refused: 0, dropped: 0, firstBelow: 7001 })
    // The tick 5 s after the first timeout, at 7 s.
    expect(made.seen.find(seen => seen.do === 'level' && seen.level === 0)?.at).toBe(12_001)
  })

  test('both down, the secondary back soon: nothing is tried until the tick, and the queue has acknowledged what is lost', () => {
    const outages = { primary: [[2, 10.4]], secondary: [[2, 3.8]] } as const
    const result = traffic(collector({ outages, queued: true }), 16)
    expect(result).toMatchObject({ levels: [1, -1, 1, 0], refused: 0, dropped: 50 })
  })

  test('the same without the queue: the same times, and the sender is told', () => {
    const outages = { primary: [[2, 10.4]], secondary: [[2, 3.8]] } as const
    const result = traffic(collector({ outages }), 16)
    expect(result).toMatchObject({ levels: [1, -1, 1, 0], refused: 50, dropped: 0 })
  })

  test('retries hide the error: a refused batch waits in the exporter and no level changes', () => {
    const made = collector({ outages: { primary: [[2, 60]] }, retry: true })
    for (let tenth = 0; tenth < 100; tenth++) {
      made.send(tenth)
      made.advance(100)
    }
    expect(made.levels).toEqual([])
  })
})

test('no traffic, no recovery: ticks without a batch change nothing', () => {
  const made = collector({ outages: { primary: [[0, 1]] } })
  made.send('a')
  made.advance(60 * SECOND)
  expect(made.levels).toEqual([1])
  made.send('b')
  expect(made.attempts.at(-1)).toMatchObject({ exporter: 'primary' })
})

test('one tick is one sample: a sample that fails costs another whole interval', () => {
  const made = collector({ outages: { primary: [[0, 5.5]] } })
  const result = traffic(made, 12)
  expect(result.levels).toEqual([1, 0])
  expect(made.attempts.filter(({ exporter, at }) => exporter === 'primary' && at < 10_000).map(({ at }) => at)).toEqual([0, 5000])
})

test('a tick samples every level above the current one, highest first', () => {
  const made = collector({ outages: { a: [[0, 60]], b: [[0, 3]] }, levels: ['a', 'b', 'c'] })
  traffic(made, 6)
  expect(made.levels.slice(0, 3)).toEqual([1, 2, 1])
  expect(made.attempts.filter(({ at }) => at === 5000).map(({ exporter }) => exporter)).toEqual(['a', 'b'])
})

test('past the last level a batch fails with the words of the connector', () => {
  const made = collector({ outages: { primary: [[0, 60]], secondary: [[0, 60]] } })
  made.send('a')
  made.advance(10)
  expect(made.replies).toMatchObject([{ request: 'a', result: { ok: false, error: NO_LEVEL_LEFT, permanent: false } }])
})

test('an error that the condition does not name goes back to the sender and changes no level', () => {
  const made = collector({ outages: { primary: [[0, 60]] }, condition: ['deadline'] })
  made.send('a')
  made.advance(10)
  expect(made.levels).toEqual([])
  expect(made.replies).toMatchObject([{ result: { ok: false, error: 'connection refused' } }])
})

test('batches that fail together move the level once', () => {
  const made = collector({
    outages: { primary: [[0, 60]] },
    down: { afterMs: 50, result: { ok: false, error: 'reset', permanent: false } },
    levels: ['primary', 'b', 'c'],
  })
  for (const request of ['a', 'b', 'c']) made.send(request)
  made.advance(1000)
  expect(made.levels).toEqual([1])
  expect(made.replies.map(({ result }) => result)).toEqual([ACCEPTED, ACCEPTED, ACCEPTED])
})
