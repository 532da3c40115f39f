import { describe, expect, test } from 'vitest'
import { type Collector, restart, startState, stepInPlace } from '../../src/model/collector.ts'
import { exporter } from '../../src/model/exporter.ts'
import { heldBatches } from '../../src/model/memory.ts'
import { memoryLimiter } from '../../src/model/memory-limiter.ts'
import { type Node, OK } from '../../src/model/node.ts'
import { type QueueSettings, queue } from '../../src/model/queue.ts'
import { ACCEPTED, HANGS, VirtualCollector } from './virtual-collector.ts'

const SECOND = 1000

const out = exporter('out', { exporter: 'out', timeoutMs: undefined, retry: undefined, grpc: false, seed: 1 })
const waiting = (settings: Partial<QueueSettings> = {}) =>
  queue('queue', {
    owner: 'out',
    signal: 'traces',
    child: 'out',
    size: 10,
    sizer: 'requests',
    consumers: 1,
    blockOnOverflow: false,
    waitForResult: false,
    ...settings,
  })

const takes = (ms: number) => () => ({ afterMs: ms, result: ACCEPTED })

describe('a queue that batches', () => {
  const batch = { flushMs: 500, minSize: 3, maxSize: 0, sizer: 'items' } as const

  test('sends when there is enough, or when the time is over', () => {
    const made = new VirtualCollector([out, waiting({ batch })], 'queue', takes(1))
    for (const request of ['a', 'b', 'c', 'd']) made.send(request)
    made.advance(2 * SECOND)
    expect(made.attempts.map(({ at, batch: { items, parts } }) => [at, items, parts])).toEqual([
      [0, 3, ['a', 'b', 'c']],
      [500, 1, ['d']],
    ])
  })

  test('a batch never grows beyond max_size', () => {
    const made = new VirtualCollector([out, waiting({ batch: { ...batch, minSize: 4, maxSize: 4 } })], 'queue', takes(1))
    made.send('a', 3)
    made.send('b', 3)
    made.advance(SECOND)
    expect(made.attempts.map(({ at, batch: { items } }) => [at, items])).toEqual([
      [0, 3],
      [500, 3],
    ])
  })

  test('no more batches are out than there are consumers, and all of it counts against the size', () => {
    const made = new VirtualCollector(
      [out, waiting({ batch: { ...batch, minSize: 1 }, consumers: 2, size: 5 })],
      'queue',
      () => HANGS,
    )
    for (let request = 0; request < 8; request++) made.send(request)
    expect(made.attempts).toHaveLength(2)
    expect(made.replies.filter(({ result }) => result.ok)).toHaveLength(5)
  })
})

test('a blocked caller that gives up is not taken later', () => {
  const collector: Collector = {
    nodes: new Map<string, Node>([
      ['queue', waiting({ size: 1, blockOnOverflow: true })],
      ['out', out],
    ]),
    entries: new Map(),
  }
  const state = startState(collector)
  const arrive = (part: string, deadline: number) =>
    stepInPlace(
      collector,
      state,
      { on: 'arrival', entry: 'queue', batch: { kind: 'x', items: 1, bytes: 1, parts: [part] }, request: part, deadline },
      0,
    )
  const [sent] = arrive('first', 100).filter(effect => effect.do === 'attempt')
  const [wake] = arrive('second', 100).filter(effect => effect.do === 'wake')
  if (!wake || !sent) throw new Error('the first is sent, the second waits until it gives up')
  expect(wake.at).toBe(100)
  const told = stepInPlace(collector, state, { on: 'wake', node: 'queue', timer: wake.timer }, 100)
  expect(told).toMatchObject([{ do: 'reply', request: 'second', result: { ok: false } }])
  const after = stepInPlace(collector, state, { on: 'answer', task: sent.task, result: OK }, 200)
  expect(after.filter(effect => effect.do === 'attempt')).toEqual([])
})

describe('a collector that dies', () => {
  /** Five requests, one with the consumer; then it dies. */
  function die(settings: Partial<QueueSettings>, what: 'collector' | 'machine', at = 10 * SECOND) {
    const collector: Collector = {
      nodes: new Map<string, Node>([
        ['queue', waiting(settings)],
        ['out', out],
      ]),
      entries: new Map(),
    }
    const state = startState(collector)
    for (const part of [0, 1, 2, 3, 4])
      stepInPlace(
        collector,
        state,
        { on: 'arrival', entry: 'queue', batch: { kind: 'x', items: 1, bytes: 1, parts: [part] }, request: part },
        part * SECOND,
      )
    const effects = restart(collector, state, { what, at }, at)
    const parts = (batches: readonly { parts: readonly unknown[] }[]) => batches.flatMap(batch => batch.parts)
    return {
      dropped: parts(effects.flatMap(effect => (effect.do === 'dropped' ? [effect.batch] : []))),
      sent: parts(effects.flatMap(effect => (effect.do === 'attempt' ? [effect.task.batch] : []))),
      held: parts(heldBatches(collector, state)),
    }
  }

  test('memory keeps nothing', () => expect(die({}, 'collector')).toEqual({ dropped: [0, 1, 2, 3, 4], sent: [], held: [] }))

  test('a file keeps all; what the consumers had goes to the end', () => {
    expect(die({ storage: 'file' }, 'collector')).toEqual({ dropped: [], sent: [1], held: [1, 2, 3, 4, 0] })
  })

  test('when the machine dies, what the kernel has not written yet is gone without fsync', () => {
    expect(die({ storage: 'file' }, 'machine', 37 * SECOND).dropped).toEqual([3, 4])
    expect(die({ storage: 'file-fsync' }, 'machine').dropped).toEqual([])
  })

  test('with wait_for_result nobody was told that it is delivered', () => {
    expect(die({ waitForResult: true }, 'collector').dropped).toEqual([])
  })
})

describe('the memory limiter', () => {
  const nodes = (bytes: () => number) => {
    const made = new VirtualCollector(
      [out, memoryLimiter('limit', { child: 'out', checkIntervalMs: SECOND, softLimitBytes: 100 })],
      'limit',
      takes(1),
    )
    made.memory = bytes
    return made
  }

  test('refuses from the check that found too much to the check that finds enough', () => {
    let bytes = 50
    const made = nodes(() => bytes)
    const answers = Array.from({ length: 8 }, (_, second) => {
      bytes = second >= 2 && second < 5 ? 500 : 50
      made.send(second)
      made.advance(SECOND)
      return made.replies.find(({ request }) => request === second)?.result.ok
    })
    expect(answers).toEqual([true, true, true, false, false, false, true, true])
  })

  test('checks no more once nothing comes', () => {
    const made = nodes(() => 50)
    let checks = 0
    made.memory = () => ++checks
    made.send('a')
    made.advance(60 * SECOND)
    expect(checks).toBeLessThanOrEqual(2)
  })
})
