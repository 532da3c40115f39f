import { describe, expect, test } from 'vitest'
import { batcher } from '../../src/model/batcher.ts'
import { exporter } from '../../src/model/exporter.ts'
import { fanout } from '../../src/model/fanout.ts'
import { dialDelay } from '../../src/model/grpc-channel.ts'
import type { Result } from '../../src/model/node.ts'
import { QUEUE_FULL, type QueueSettings, queue } from '../../src/model/queue.ts'
import type { RetrySettings } from '../../src/model/retry.ts'
import { ACCEPTED, accepts, HANGS, REFUSED, refuses, VirtualCollector, type Wire } from './virtual-collector.ts'

const SECOND = 1000
const RETRY: RetrySettings = { initialMs: 5000, maxMs: 30_000, maxElapsedMs: 300_000, multiplier: 1.5, randomization: 0 }

const sender = (retry: RetrySettings | undefined = undefined, grpc = false, id = 'out') =>
  exporter(id, { exporter: id, timeoutMs: 5 * SECOND, retry, grpc, seed: 7 })

const waiting = (settings: Partial<QueueSettings> = {}) =>
  queue('queue', {
    owner: 'out',
    signal: 'traces',
    child: 'out',
    size: 3,
    sizer: 'requests',
    consumers: 1,
    blockOnOverflow: false,
    waitForResult: false,
    ...settings,
  })

describe('an exporter alone', () => {
  const cases: [name: string, wire: Wire, result: Result, at: number][] = [
    ['accepted', () => accepts, ACCEPTED, 1],
    ['refused', () => refuses, REFUSED, 0],
    ['hanging: its timeout', () => HANGS, { ok: false, error: 'context deadline exceeded', permanent: false }, 5000],
  ]
  test.each(cases)('%s', (_, wire, result, at) => {
    const made = new VirtualCollector([sender()], 'out', wire)
    made.send('a')
    made.advance(10 * SECOND)
    expect(made.replies).toEqual([{ request: 'a', result, at }])
  })
})

describe('retry_on_failure', () => {
  test('intervals grow to the maximum until the time is over', () => {
    const made = new VirtualCollector([sender(RETRY)], 'out', () => refuses)
    made.send('a')
    made.advance(400 * SECOND)
    const waits = made.attempts.map(({ at }, i) => (at - (made.attempts[i - 1]?.at ?? 0)) / SECOND)
    expect(waits.slice(0, 7)).toEqual([0, 5, 7.5, 11.25, 16.875, 25.3125, 30])
    expect(made.replies).toMatchObject([{ result: { error: 'no more retries left: connection refused' } }])
    expect(made.attempts.at(-1)?.at).toBeLessThanOrEqual(300 * SECOND)
  })

  test('max_elapsed_time 0 never gives up', () => {
    const made = new VirtualCollector([sender({ ...RETRY, maxElapsedMs: 0 })], 'out', () => refuses)
    made.send('a')
    made.advance(3600 * SECOND)
    expect(made.replies).toEqual([])
  })

  test('a permanent error is not tried again', () => {
    const bad: Result = { ok: false, error: 'bad data', permanent: true }
    const made = new VirtualCollector([sender(RETRY)], 'out', () => ({ afterMs: 1, result: bad }))
    made.send('a')
    made.advance(60 * SECOND)
    expect(made.replies).toMatchObject([{ result: bad }])
    expect(made.attempts).toHaveLength(1)
  })

  test('Retry-After is the least that it waits', () => {
    const throttled: Result = { ok: false, error: '429', permanent: false, retryAfterMs: 20_000 }
    const made = new VirtualCollector([sender(RETRY)], 'out', (_, at) => (at === 0 ? { afterMs: 0, result: throttled } : accepts))
    made.send('a')
    made.advance(60 * SECOND)
    expect(made.attempts.map(({ at }) => at)).toEqual([0, 20_000])
  })

  test('jitter keeps within the randomization factor, and the same seed gives the same waits', () => {
    const times = () => {
      const made = new VirtualCollector([sender({ ...RETRY, randomization: 0.5 })], 'out', () => refuses)
      made.send('a')
      made.advance(30 * SECOND)
      return made.attempts.map(({ at }) => at)
    }
    expect(times()).toEqual(times())
    expect(times()[1]).toBeGreaterThanOrEqual(2500)
    expect(times()[1]).toBeLessThanOrEqual(7500)
  })
})

describe('a gRPC connection', () => {
  test('after a refusal calls fail without reaching the wire until a dial succeeds', () => {
    const back = 4 * SECOND
    const made = new VirtualCollector([sender(undefined, true)], 'out', (_, at) => (at < back ? refuses : accepts))
    for (let second = 0; second < 8; second++) {
      made.send(second)
      made.advance(SECOND)
    }
    // Dials after 1 s, then about 1.6 s and 2.6 s more (± 20 %): the third meets the backend.
    expect(made.attempts.map(({ at }) => at / SECOND)).toEqual([0, 5, 6, 7])
    expect(made.replies.filter(({ result }) => !result.ok).map(({ at }) => at / SECOND)).toEqual([0, 1, 2, 3, 4])
  })

  test('the wait grows by 1.6 to 120 s, with 20 % jitter after the first', () => {
    expect(dialDelay(0, 1)[0]).toBe(1000)
    for (const [dials, middle] of [
      [1, 1600],
      [5, 10_485.76],
      [20, 120_000],
    ] as const) {
      const [delay] = dialDelay(dials, 42)
      expect(Math.abs(delay - middle)).toBeLessThanOrEqual(middle * 0.2)
    }
  })
})

describe('a sending queue', () => {
  test('acknowledges first, and drops what its child gives up on', () => {
    const made = new VirtualCollector([sender(), waiting()], 'queue', () => refuses)
    made.send('a')
    expect(made.replies).toMatchObject([{ request: 'a', result: ACCEPTED, at: 0 }])
    made.advance(SECOND)
    expect(made.seen.filter(seen => seen.do === 'dropped')).toMatchObject([{ by: 'out', error: 'connection refused' }])
  })

  test('counts what its consumers hold against its size, and refuses when full', () => {
    const made = new VirtualCollector([sender(), waiting()], 'queue', () => HANGS)
    for (const request of ['a', 'b', 'c', 'd']) made.send(request)
    expect(made.replies.map(({ result }) => result.ok)).toEqual([true, true, true, false])
    expect(made.replies[3]?.result).toMatchObject({ error: QUEUE_FULL, permanent: false })
    made.advance(6 * SECOND)
    made.send('e')
    expect(made.replies.at(-1)?.result.ok).toBe(true)
  })

  test('block_on_overflow holds the sender until there is room', () => {
    const made = new VirtualCollector([sender(), waiting({ blockOnOverflow: true, size: 1 })], 'queue', () => ({
      afterMs: 100,
      result: ACCEPTED,
    }))
    for (const request of ['a', 'b', 'c']) made.send(request)
    made.advance(SECOND)
    expect(made.replies.map(({ request, at }) => [request, at])).toEqual([
      ['a', 0],
      ['b', 100],
      ['c', 200],
    ])
  })

  test('wait_for_result answers with what became of it', () => {
    const made = new VirtualCollector([sender(), waiting({ waitForResult: true })], 'queue', () => refuses)
    made.send('a')
    expect(made.replies).toEqual([])
    made.advance(1)
    expect(made.replies).toMatchObject([{ result: REFUSED }])
  })

  test.each([
    ['items', 30, 3],
    ['bytes', 3000, 3],
    ['requests', 2, 2],
  ] as const)('sizer %s', (sizer, size, fit) => {
    const made = new VirtualCollector([sender(), waiting({ sizer, size })], 'queue', () => HANGS)
    for (let i = 0; i < 5; i++) made.send(i, 10)
    expect(made.replies.filter(({ result }) => result.ok)).toHaveLength(fit)
  })
})

describe('the batch processor', () => {
  const batches = (sendBatchSize: number) => batcher('batch', { processor: 'batch', child: 'out', timeoutMs: 200, sendBatchSize })

  test('acknowledges first, joins until the timeout, and drops on error', () => {
    const made = new VirtualCollector([sender(), batches(8192)], 'batch', () => refuses)
    made.send('a')
    made.advance(50)
    made.send('b')
    made.advance(SECOND)
    expect(made.replies.every(({ result }) => result.ok)).toBe(true)
    expect(made.attempts).toMatchObject([{ at: 200, batch: { items: 2, parts: ['a', 'b'] } }])
    expect(made.seen.filter(seen => seen.do === 'dropped')).toMatchObject([{ at: 200, batch: { items: 2 } }])
  })

  test('sends at once when it has enough, one batch at a time; what is left waits for the timer, which began anew', () => {
    const made = new VirtualCollector([sender(), batches(2)], 'batch', () => ({ afterMs: 500, result: ACCEPTED }))
    for (const request of ['a', 'b', 'c', 'd', 'e']) made.send(request)
    made.advance(5 * SECOND)
    expect(made.attempts.map(({ at, batch }) => [at, batch.items])).toEqual([
      [0, 2],
      [500, 2],
      [1200, 1],
    ])
  })
})

test('a fan-out calls every child and fails when one fails', () => {
  const nodes = [
    sender(undefined, false, 'a'),
    sender(undefined, false, 'b'),
    sender(undefined, false, 'c'),
    fanout('all', ['a', 'b', 'c']),
  ]
  const made = new VirtualCollector(nodes, 'all', name => (name === 'b' ? refuses : accepts))
  made.send('x')
  made.advance(10)
  expect(made.attempts.map(({ exporter: name }) => name)).toEqual(['a', 'b', 'c'])
  expect(made.replies).toMatchObject([{ result: { ok: false, error: 'connection refused' } }])
})
