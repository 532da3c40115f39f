import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { sleep } from '../../src/core/clock.ts'
import { activePassive } from '../../src/failover/strategies/active-passive.ts'
import { roundRobin } from '../../src/failover/strategies/round-robin.ts'
import { weighted } from '../../src/failover/strategies/weighted.ts'
import type { Verdict } from '../../src/otlp/reply.ts'
import { Intervals } from '../../src/replay/intervals.ts'
import { decodeRecords } from '../../src/replay/journal-text.ts'
import type { Pace, Throttle, Transform } from '../../src/replay/seams.ts'
import { FakeDisk } from './fake-disk.ts'
import { type Answer, backendAt, backupOf, FakeBackend, hastyClock, lineOf, noThrottle, runOnce } from './world.ts'

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1)
const takesAll = () => ({ status: 200, takes: true }) as const

function diskWith(files: Readonly<Record<string, string>>): FakeDisk {
  const disk = new FakeDisk()
  for (const [path, text] of Object.entries(files)) disk.put(path, text)
  return disk
}

test('every line arrives once, the oldest file first, and the files are put away', async () => {
  const disk = diskWith({
    '/b/traces.jsonl': backupOf([7, 8, 9]),
    '/b/traces-2026-11-21T03-12-32.726-size.jsonl': backupOf([4, 5, 6]),
    '/b/team a/traces-2026-11-20T03-12-32.726.jsonl': backupOf([1, 2, 3]),
    '/b/notes.txt': 'hello',
  })
  const order: number[] = []
  const backend = new FakeBackend(({ numbers }) => {
    order.push(...numbers)
    return takesAll()
  })
  const { summary } = await runOnce({ disk, backend }, { concurrency: 1 })
  expect(order).toEqual(numbers(9))
  expect(summary).toMatchObject({
    files: { found: 3, finished: 3, moved: 3 },
    read: { lines: 9, items: 9 },
    acknowledged: { lines: 9, items: 9 },
    left: { lines: 0, items: 0 },
    unreadBytes: 0,
    possibleDuplicates: 0,
    stopped: undefined,
  })
  expect([...disk.names.keys()].filter(path => !path.includes('.failoverctl-replay')).sort()).toEqual([
    '/b/notes.txt',
    '/b/processed/team a/traces-2026-11-20T03-12-32.726.jsonl',
    '/b/processed/traces-2026-11-21T03-12-32.726-size.jsonl',
    '/b/processed/traces.jsonl',
  ])
})

test('at the speed of the recording nothing waits for the lines that come later', async () => {
  const disk = diskWith({ '/b/traces.jsonl': backupOf(numbers(6)) })
  const requests: (readonly number[])[] = []
  const backend = new FakeBackend(({ numbers }) => {
    requests.push(numbers)
    return takesAll()
  })
  let line = 0
  // The third and the fifth are due later than what is before them.
  const pace: Pace = () => (++line === 3 || line === 5 ? new Promise(resolve => setTimeout(resolve, 20)) : undefined)
  await runOnce({ disk, backend }, { pace })
  expect(requests).toEqual([
    [1, 2],
    [3, 4],
    [5, 6],
  ])
})

test('a second run finds nothing to do', async () => {
  const disk = diskWith({ '/b/traces.jsonl': backupOf(numbers(50)) })
  const backend = new FakeBackend(takesAll)
  await runOnce({ disk, backend }, { processed: 'keep' })
  const { summary } = await runOnce({ disk, backend }, { processed: 'keep' })
  expect(summary).toMatchObject({ read: { lines: 0 }, requests: 0, unreadBytes: 0 })
  expect(backend.duplicates).toBe(0)
})

test('a file that has grown since is sent from where it was, under its new name, too', async () => {
  const disk = diskWith({ '/b/traces.jsonl': backupOf([1]) })
  const backend = new FakeBackend(takesAll)
  await runOnce({ disk, backend }, { processed: 'keep' })
  const inode = disk.names.get('/b/traces.jsonl')
  if (!inode) throw new Error('gone')
  disk.names.delete('/b/traces.jsonl')
  inode.data = Buffer.from(backupOf([1, 2, 3]))
  disk.names.set('/b/traces-2026-11-21T03-12-32.726.jsonl', inode)
  const { summary } = await runOnce({ disk, backend }, { processed: 'keep' })
  expect(summary.read.lines).toBe(2)
  expect([backend.lengthOf([1, 2, 3]), backend.duplicates]).toEqual([3, 0])
})

describe('verdicts', () => {
  test('a guilty line is found by halving, kept with its place, and its neighbours arrive', async () => {
    const disk = diskWith({ '/b/traces.jsonl': backupOf(numbers(40)) })
    const backend = new FakeBackend(({ numbers }) =>
      numbers.includes(13) ? { status: 400, takes: false } : { status: 200, takes: true },
    )
    const { summary, events } = await runOnce({ disk, backend })
    expect(summary).toMatchObject({ acknowledged: { lines: 39 }, deadLettered: { lines: 1, items: 1 } })
    expect([backend.lengthOf(numbers(40)), backend.duplicates]).toEqual([39, 0])
    const offset = backupOf(numbers(12)).length
    expect(events).toContainEqual({
      kind: 'dead-letter',
      path: '/b/traces.jsonl',
      offset,
      length: lineOf(13).length + 1,
      reason: 'HTTP status 400',
    })
    expect(JSON.parse(disk.text('/b/.failoverctl-replay/dead-letters.jsonl'))).toMatchObject({ offset, text: lineOf(13) })
  })

  test('damage in the middle of a line costs that line alone', async () => {
    const broken = lineOf(5).replace('"spanId"', '"spa')
    const disk = diskWith({ '/b/traces.jsonl': `${backupOf([1, 2, 3, 4])}${broken}\n${backupOf([6, 7, 8, 9])}` })
    const backend = new FakeBackend(takesAll)
    const { summary } = await runOnce({ disk, backend })
    expect(summary).toMatchObject({ acknowledged: { lines: 8 }, deadLettered: { lines: 1 } })
    expect(backend.lengthOf(numbers(9))).toBe(8)
    expect(JSON.parse(disk.text('/b/.failoverctl-replay/dead-letters.jsonl')).text).toBe(broken)
  })

  test('a request that is too large is halved', async () => {
    const disk = diskWith({ '/b/traces.jsonl': backupOf(numbers(40)) })
    const backend = new FakeBackend(({ bytes }) => (bytes > 400 ? { status: 413, takes: false } : takesAll()))
    const { summary } = await runOnce({ disk, backend })
    expect(summary).toMatchObject({ acknowledged: { lines: 40 }, deadLettered: { lines: 0 } })
    expect(backend.duplicates).toBe(0)
  })

  test('lines that are too large, however many, do not make one that is bad the last', async () => {
    const large = (number: number) => lineOf(number).replace('"spanId"', `"name":"${'x'.repeat(500)}","spanId"`)
    const lines = [...numbers(30).map(large), '{"resourceSpans":[{bad}]}', ...numbers(40).slice(30).map(lineOf)]
    const disk = diskWith({ '/b/traces.jsonl': `${lines.join('\n')}\n` })
    const backend = new FakeBackend(({ bytes }) => (bytes > 600 ? { status: 413, takes: false } : takesAll()))
    const { summary } = await runOnce({ disk, backend }, { concurrency: 1 })
    expect(summary).toMatchObject({ stopped: undefined, acknowledged: { lines: 10 }, deadLettered: { lines: 31 } })
  })

  test('partial success is counted and kept by reference, and not sent again', async () => {
    const disk = diskWith({ '/b/traces.jsonl': backupOf(numbers(12)) })
    const backend = new FakeBackend(({ numbers }) => ({ status: 200, takes: true, rejected: numbers.includes(1) ? 2 : 0 }))
    const { summary } = await runOnce({ disk, backend })
    expect(summary).toMatchObject({ acknowledged: { items: 10 }, rejected: { items: 2 }, retries: 0 })
    expect(JSON.parse(disk.text('/b/.failoverctl-replay/rejects.jsonl'))).toMatchObject({ rejected: 2, ranges: [{ from: 0 }] })
  })

  test.each([429, 502, 503, 504] as const)('%i is asked again', async status => {
    const disk = diskWith({ '/b/traces.jsonl': backupOf(numbers(12)) })
    let refusals = 3
    const backend = new FakeBackend(() => (refusals-- > 0 ? { status, takes: false, retryAfter: '1' } : takesAll()))
    const { summary } = await runOnce({ disk, backend })
    expect(summary).toMatchObject({ acknowledged: { lines: 12 }, retries: 3 })
    expect(backend.duplicates).toBe(0)
    expect(summary.possibleDuplicates > 0).toBe(status === 502 || status === 504)
  })

  test('no answer is asked again, and counted as what may be there twice', async () => {
    const disk = diskWith({ '/b/traces.jsonl': backupOf(numbers(6)) })
    let first = true
    const backend = new FakeBackend(() => {
      const status = first ? ('no-answer' as const) : 200
      first = false
      return { status, takes: true }
    })
    const { summary } = await runOnce({ disk, backend }, { limits: { bytes: 100_000, items: 100 } })
    expect([summary.possibleDuplicates, backend.duplicates]).toEqual([6, 6])
  })

  test.each([
    [401, 'not authenticated', 'No header with a token was sent.'],
    [403, 'not allowed', 'may not write traces there'],
    [404, 'HTTP status 404', '/v1/traces is not there'],
    [301, 'a redirect', 'It is not followed'],
  ] as const)('%i stops at once: nothing is moved, nothing is buried', async (status, reason, advice) => {
    const disk = diskWith({ '/b/traces.jsonl': backupOf(numbers(200)) })
    const backend = new FakeBackend(() => ({ status, takes: false }))
    const { summary } = await runOnce({ disk, backend })
    expect(summary.stopped).toContain(reason)
    expect(summary.stopped).toContain(advice)
    expect(summary).toMatchObject({ acknowledged: { lines: 0 }, deadLettered: { lines: 0 }, files: { finished: 0, moved: 0 } })
    expect(summary.left.lines).toBe(summary.read.lines)
    expect(backend.requests.length).toBeLessThanOrEqual(2)
    expect(disk.names.has('/b/traces.jsonl')).toBe(true)
  })

  test('a backend that refuses whatever it gets is given up on, with nothing buried', async () => {
    const disk = diskWith({ '/b/traces.jsonl': backupOf(numbers(200)) })
    const backend = new FakeBackend(() => ({ status: 500, takes: false }))
    const { summary } = await runOnce({ disk, backend })
    expect(summary.stopped).toBe('the backend refuses every line (HTTP status 500)')
    expect(summary).toMatchObject({ deadLettered: { lines: 0 }, files: { finished: 0 } })
  })

  test.each([
    ['quota exceeded', 'the backend refuses every line (gRPC status RESOURCE_EXHAUSTED)', 0],
    ['grpc: received message larger than max (9 vs. 4)', undefined, 30],
    ['gRPC message exceeds maximum size 4: 9', undefined, 30],
  ])('over gRPC its words tell whether it is the lines: %s', async (message, stopped, deadLettered) => {
    const disk = diskWith({ '/b/traces.jsonl': backupOf(numbers(30)) })
    const primary = backendAt('primary')
    const traces = { ...primary.destinations.traces, protocol: 'grpc' as const }
    const answer = { kind: 'answer', code: 8, message, retryDelayMs: undefined, body: new Uint8Array() } as const
    const backend = { request: new FakeBackend(takesAll).request, call: async () => answer as never }
    const { summary } = await runOnce(
      { disk, backend },
      { backends: [{ ...primary, destinations: { ...primary.destinations, traces } }] },
    )
    expect([summary.stopped, summary.deadLettered.lines]).toEqual([stopped, deadLettered])
  })

  test('a backend that stays away is given up on after a while', async () => {
    const disk = diskWith({ '/b/traces.jsonl': backupOf(numbers(20)) })
    const backend = new FakeBackend(() => ({ status: 'not-sent', takes: false }))
    const { summary } = await runOnce({ disk, backend }, { giveUpMs: 60_000 })
    expect(summary.stopped).toMatch(/^nothing was acknowledged for \d+ s \(connection refused\)$/)
    expect(summary.left.lines).toBe(summary.read.lines)
  })

  test('a pause is no silence of the backend', async () => {
    const disk = diskWith({ '/b/traces.jsonl': backupOf(numbers(20)) })
    const clock = hastyClock()
    let isBusy = true
    const backend = new FakeBackend(() => {
      const status = isBusy ? 503 : 200
      isBusy = false
      return { status, takes: status === 200 }
    })
    const paused: Throttle = { take: () => sleep(clock, isBusy ? 70_000 : 0), settled: () => {} }
    const { summary } = await runOnce({ disk, backend, clock }, { giveUpMs: 60_000, throttle: paused })
    expect(summary).toMatchObject({ stopped: undefined, acknowledged: { lines: 20 } })
  })
})

test('every fault of OTLP in turn: the summary is right to the span', async () => {
  const answers: ReturnType<Answer>[] = [
    { status: 429, takes: false, retryAfter: '2' },
    { status: 200, takes: true },
    { status: 503, takes: false },
    { status: 502, takes: true },
    { status: 504, takes: false },
    { status: 'no-answer', takes: true },
    { status: 'no-answer', takes: false },
    { status: 'not-sent', takes: false },
    { status: 200, takes: true, rejected: 1 },
    { status: 413, takes: false },
    { status: 500, takes: false },
    { status: 200, takes: true },
  ]
  const poison = [50, 51, 333]
  const disk = diskWith({ '/b/traces.jsonl': backupOf(numbers(600)) })
  let [turn, rejected, buried] = [0, 0, 0]
  const backend = new FakeBackend(({ numbers }) => {
    if (numbers.some(number => poison.includes(number))) return { status: 400, takes: false }
    const answer = answers[turn++ % answers.length] as ReturnType<Answer>
    if (answer.rejected && numbers.length > 0) rejected++
    if ((answer.status === 500 || answer.status === 413) && numbers.length === 1) buried++
    return answer
  })
  const { summary } = await runOnce({ disk, backend })
  const deadLettered = poison.length + buried
  expect(summary).toMatchObject({
    read: { lines: 600, items: 600 },
    acknowledged: { items: 600 - rejected - deadLettered },
    rejected: { items: rejected },
    deadLettered: { lines: deadLettered, items: deadLettered },
    skipped: { items: 0 },
    left: { items: 0 },
    stopped: undefined,
  })
  expect(rejected).toBeGreaterThan(2)
  expect(backend.duplicates).toBeGreaterThan(0)
  expect(backend.duplicates).toBeLessThanOrEqual(summary.possibleDuplicates)
  expect(backend.taken.size).toBeGreaterThanOrEqual(600 - deadLettered)
})

test('a packed stream that was read to its end is read', async () => {
  const disk = diskWith({})
  disk.put('/b/traces.jsonl.gz', gzipSync(backupOf(numbers(300))))
  const { summary } = await runOnce({ disk, backend: new FakeBackend(takesAll) })
  expect([summary.acknowledged.lines, summary.files.finished, summary.unreadBytes]).toEqual([300, 1, 0])
})

describe('several backends', () => {
  const routed = (primary: FakeBackend, secondary: FakeBackend) => ({
    call: primary.call,
    request: (request: Parameters<FakeBackend['request']>[0]) =>
      (request.url.includes('primary') ? primary : secondary).request(request),
  })
  const backends = [backendAt('primary'), backendAt('secondary')]

  test('with failover the next one gets what the first does not take', async () => {
    const disk = diskWith({ '/b/traces.jsonl': backupOf(numbers(60)) })
    const [primary, secondary] = [new FakeBackend(() => ({ status: 'not-sent', takes: false })), new FakeBackend(takesAll)]
    const { summary } = await runOnce({ disk, backend: routed(primary, secondary) }, { backends, strategy: activePassive() })
    expect(summary.acknowledged.lines).toBe(60)
    expect(secondary.lengthOf(numbers(60))).toBe(60)
  })

  test('what one of several asks for holds back nobody else', async () => {
    const disk = diskWith({ '/b/traces.jsonl': backupOf(numbers(60)) })
    const [primary, secondary] = [
      new FakeBackend(() => ({ status: 503, takes: false, retryAfter: '3600' })),
      new FakeBackend(takesAll),
    ]
    const heard = new Set<Verdict['kind']>()
    const throttle = { ...noThrottle, settled: ({ kind }: Verdict) => void heard.add(kind) }
    const overrides = { backends, strategy: roundRobin(), throttle }
    const { summary } = await runOnce({ disk, backend: routed(primary, secondary) }, overrides)
    expect(summary.acknowledged.lines).toBe(60)
    expect([primary.requests.length, secondary.lengthOf(numbers(60))]).toEqual([expect.any(Number), 60])
    expect(primary.requests.length).toBeLessThanOrEqual(2)
    expect(heard).toEqual(new Set(['accepted']))
  })

  test('weights and priorities are heeded', async () => {
    const disk = diskWith({ '/b/traces.jsonl': backupOf(numbers(600)) })
    const [primary, secondary] = [new FakeBackend(takesAll), new FakeBackend(takesAll)]
    const weights = backends.map((backend, place) => ({ ...backend, settings: { weight: place === 0 ? 1 : 3 } }))
    await runOnce({ disk, backend: routed(primary, secondary) }, { backends: weights, strategy: weighted() })
    expect(secondary.requests.length / primary.requests.length).toBeCloseTo(3, 0)
    const other = diskWith({ '/b/traces.jsonl': backupOf(numbers(60)) })
    const ranked = backends.map((backend, place) => ({ ...backend, settings: { priority: 1 - place } }))
    const [last, best] = [new FakeBackend(takesAll), new FakeBackend(takesAll)]
    await runOnce({ disk: other, backend: routed(last, best) }, { backends: ranked })
    expect([last.requests.length, best.lengthOf(numbers(60))]).toEqual([0, 60])
  })

  test('without it the first one is waited for', async () => {
    const disk = diskWith({ '/b/traces.jsonl': backupOf(numbers(60)) })
    let down = 12
    const primary = new FakeBackend(() => (down-- > 0 ? { status: 'not-sent', takes: false } : takesAll()))
    const secondary = new FakeBackend(takesAll)
    const { summary, events } = await runOnce({ disk, backend: routed(primary, secondary) }, { backends })
    expect(summary.acknowledged.lines).toBe(60)
    expect([primary.lengthOf(numbers(60)), secondary.requests.length]).toEqual([60, 0])
    expect(events.filter(({ kind }) => kind === 'breaker').map(event => event.kind === 'breaker' && event.state)).toEqual(
      expect.arrayContaining(['open', 'half-open', 'closed']),
    )
  })
})

describe('files', () => {
  test('signals of one file go to their own paths', async () => {
    const other = (key: string) => `{"${key}":[{"x":1}]}`
    const lines = [lineOf(1), other('resourceLogs'), lineOf(2), other('resourceMetrics'), other('resourceLogs')]
    const disk = diskWith({ '/b/all.jsonl': `${lines.join('\n')}\n` })
    const bodies: string[] = []
    const backend = {
      call: () => Promise.reject(new Error()),
      request: async ({ url, body }: Parameters<FakeBackend['request']>[0]) => {
        bodies.push(`${new URL(url).pathname} ${new TextDecoder().decode(body).replace(/\s+/g, '')}`)
        return { kind: 'answer', status: 200, headers: {}, body: new Uint8Array() } as const
      },
    }
    const { summary } = await runOnce({ disk, backend }, { limits: { bytes: 10_000, items: 100 } })
    expect(summary.acknowledged.lines).toBe(5)
    expect(bodies.map(body => body.split(' ')[0]).sort()).toEqual(['/v1/logs', '/v1/metrics', '/v1/traces'])
    expect(bodies.find(body => body.startsWith('/v1/logs'))).toBe('/v1/logs {"resourceLogs":[{"x":1},{"x":1}]}')
  })

  test('a line with several signals is settled with the last of them, whichever is filtered out', async () => {
    const line = '{"resourceSpans":[{"x":1}],"resourceLogs":[{"x":1}]}\n'
    for (const unwanted of ['traces', 'logs']) {
      const disk = diskWith({ '/b/all.jsonl': line })
      const transform: Transform = ({ signal }) => ({ kind: signal === unwanted ? 'skipped' : 'same' })
      const paths: string[] = []
      let status = 503
      const backend = {
        call: () => Promise.reject(new Error()),
        request: async ({ url }: Parameters<FakeBackend['request']>[0]) => {
          if (status === 200) paths.push(new URL(url).pathname)
          return { kind: 'answer', status, headers: {}, body: new Uint8Array() } as const
        },
      }
      await runOnce({ disk, backend }, { transform })
      expect([...disk.names.keys()]).toContain('/b/all.jsonl')
      status = 200
      await runOnce({ disk, backend }, { transform })
      expect([paths, [...disk.names.keys()].includes('/b/all.jsonl')]).toEqual([
        [unwanted === 'logs' ? '/v1/traces' : '/v1/logs'],
        false,
      ])
    }
  })

  test('a file that a process has open for writing stays, and what comes later is sent by the next run', async () => {
    const disk = diskWith({ '/b/traces.jsonl': backupOf([1, 2]) })
    disk.openForWriting.add('/b/traces.jsonl')
    const backend = new FakeBackend(takesAll)
    const { events } = await runOnce({ disk, backend })
    expect(events).toContainEqual({
      kind: 'finished',
      path: '/b/traces.jsonl',
      to: undefined,
      note: 'a process has it open for writing',
    })
    const inode = disk.names.get('/b/traces.jsonl')
    if (inode) inode.data = Buffer.from(backupOf([1, 2, 3]))
    disk.openForWriting.clear()
    await runOnce({ disk, backend })
    expect([backend.lengthOf([1, 2, 3]), backend.duplicates]).toEqual([3, 0])
    expect(disk.names.has('/b/processed/traces.jsonl')).toBe(true)
  })

  test('delete deletes, but nothing replaces a file in processed', async () => {
    const disk = diskWith({ '/b/traces.jsonl': backupOf([1, 2]), '/b/processed/traces.jsonl': 'older' })
    const backend = new FakeBackend(takesAll)
    await runOnce({ disk, backend })
    expect([disk.text('/b/processed/traces.jsonl'), disk.text('/b/processed/traces.jsonl.1')]).toEqual([
      'older',
      backupOf([1, 2]),
    ])
    disk.put('/b/more.jsonl', backupOf([3]))
    await runOnce({ disk, backend }, { processed: 'delete' })
    expect([...disk.names.keys()].filter(path => path.includes('more'))).toEqual([])
  })

  test('at the moment at which a file is moved, all of it is settled on the disk', async () => {
    const moved: number[] = []
    class Watched extends FakeDisk {
      // A disk that takes its time.
      override async appender(path: string) {
        const file = await super.appender(path)
        const sync = async () => {
          for (let turn = 0; turn < 50; turn++) await new Promise(resolve => setImmediate(resolve))
          await file.sync()
        }
        return { ...file, sync }
      }
      override async rename(from: string, to: string): Promise<void> {
        const size = this.names.get(from)?.data.length ?? 0
        const settled = new Intervals()
        for (const record of decodeRecords(this.synced('/b/.failoverctl-replay/journal')))
          if (record.do === 'settled') settled.add(record.from, record.to)
        moved.push(size - settled.lowWater)
        return super.rename(from, to)
      }
    }
    const disk = new Watched()
    disk.put('/b/traces.jsonl', backupOf(numbers(100)))
    await runOnce({ disk, backend: new FakeBackend(takesAll) })
    expect(moved).toEqual([0])
  })

  test('a disk that is full stops the run: nothing is moved, and nothing is sent on', async () => {
    const disk = diskWith({ '/b/traces.jsonl': backupOf(numbers(500)) })
    disk.room = 600
    const backend = new FakeBackend(takesAll)
    const { summary } = await runOnce({ disk, backend })
    expect(summary.stopped).toMatch(/cannot be written/)
    expect(summary.files).toMatchObject({ finished: 0, moved: 0 })
    expect(backend.taken.size).toBeLessThan(100)
    disk.room = Number.POSITIVE_INFINITY
    const again = await runOnce({ disk, backend })
    expect(again.summary.stopped).toBeUndefined()
    expect(backend.lengthOf(numbers(500))).toBe(500)
  })

  test('Ctrl-C waits for the answers, and the next run goes on behind them', async () => {
    const disk = diskWith({ '/b/traces.jsonl': backupOf(numbers(300)) })
    const controller = new AbortController()
    const backend = new FakeBackend(({ numbers }) => {
      if (numbers.includes(40)) controller.abort(new Error('SIGINT'))
      return takesAll()
    })
    const { summary } = await runOnce({ disk, backend, interrupted: controller.signal })
    expect(summary.stopped).toBe('interrupted')
    expect(summary.acknowledged.lines).toBe(backend.taken.size)
    await runOnce({ disk, backend })
    expect([backend.lengthOf(numbers(300)), backend.duplicates]).toEqual([300, 0])
  })
})
