import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sleep, VirtualClock } from '../../src/core/clock.ts'
import { seeded } from '../../src/core/random.ts'
import type { Endpoint, EndpointSettings } from '../../src/failover/endpoint.ts'
import type { RequestSettings } from '../../src/failover/executor.ts'
import type { FailoverError } from '../../src/failover/failover-error.ts'
import { Failed, type FailureKind, type Repeat } from '../../src/failover/failure.ts'
import { Manager, type ManagerSettings } from '../../src/failover/manager.ts'
import { custom } from '../../src/failover/strategies/custom.ts'
import { abc } from './pool-of.ts'

function managerOf(settings: ManagerSettings = {}, given: readonly EndpointSettings[] = abc, clock = new VirtualClock()) {
  const manager = new Manager(given, settings, { clock, random: seeded(1) })
  const log: string[] = []
  return {
    manager,
    clock,
    /** Where the attempts went. */
    log,
    /** A request whose attempts end as the plan says, one after the other, then well. */
    async request(plan: readonly (FailureKind | Failed | 'ok')[] = [], request: RequestSettings = {}) {
      let step = 0
      const attempt = (endpoint: Endpoint) => {
        log.push(endpoint.id)
        const how = plan[step++] ?? 'ok'
        return how === 'ok' ? `done by ${endpoint.id}` : how instanceof Failed ? how : new Failed(how, how)
      }
      const end = manager.execute(attempt, request).catch((error: FailoverError) => error.code ?? error)
      await clock.advance(60_000)
      return end
    },
  }
}

describe('execute', () => {
  test('goes on to another endpoint at once when nothing was sent', async () => {
    const { manager, clock, log } = managerOf()
    const value = manager.execute(({ id }) => {
      log.push(id)
      return id === 'c' ? 'here' : new Failed('not-sent', 'ECONNREFUSED')
    })
    await clock.advance(0)
    expect([await value, log, clock.pending]).toEqual(['here', ['a', 'b', 'c'], 0])
    expect(manager.statistics()).toMatchObject({ requests: 1, successes: 1, failovers: 2, retries: 2 })
  })

  test.each<[string, readonly (FailureKind | 'ok')[], Repeat, string, string]>([
    ['works at once', ['ok'], 'told', 'done by a', 'a'],
    ['was turned away', ['try-later'], 'told', 'done by b', 'ab'],
    ['was turned away and may not be repeated', ['try-later'], 'unsent', 'RETRY_EXHAUSTED', 'a'],
    ['got no answer', ['no-answer'], 'told', 'NO_ANSWER', 'a'],
    ['got no answer and may be repeated', ['no-answer'], 'always', 'done by b', 'ab'],
    ['was refused', ['refused'], 'always', 'REFUSED', 'a'],
    ['was never sent', ['not-sent'], 'unsent', 'done by b', 'ab'],
    ['fails everywhere', ['try-later', 'try-later', 'try-later'], 'told', 'RETRY_EXHAUSTED', 'abc'],
    ['could never be sent', Array(9).fill('not-sent'), 'told', 'RETRY_EXHAUSTED', 'abcabac'],
  ])('a request that %s', async (_, plan, repeat, end, where) => {
    const { request, log } = managerOf({ breaker: false })
    expect(await request(plan, { repeat })).toBe(end)
    expect(log.join('').slice(0, where.length)).toBe(where)
    if (!end.startsWith('done') && end !== 'RETRY_EXHAUSTED') expect(log).toHaveLength(where.length)
  })

  test('judges what an attempt throws, and throws on what is no failure of the network', async () => {
    const { manager, log } = managerOf()
    const value = await manager.execute(({ id }) => {
      log.push(id)
      if (id === 'a') throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
      return id
    })
    expect([value, log]).toEqual(['b', ['a', 'b']])
    const bug = new TypeError('a bug')
    await expect(manager.execute(() => Promise.reject(bug))).rejects.toBe(bug)
    expect(manager.endpoints().every(({ inFlight, statistics }) => inFlight === 0 && statistics.failures.refused === 0)).toBe(
      true,
    )
  })

  test('leaves an endpoint alone for as long as it asked', async () => {
    const { manager, clock } = managerOf()
    const busy = new Failed('try-later', 'HTTP status 429', { afterMs: 5000 })
    const first = manager.execute(({ id }) => (id === 'a' ? busy : id))
    await clock.advance(200)
    expect(await first).toBe('b')
    const next = async () => manager.execute(({ id }) => id)
    expect(await next()).toBe('b')
    await clock.advance(4799)
    expect(await next()).toBe('b')
    await clock.advance(30_000)
    expect(await next()).toBe('a')
    expect(manager.endpoints()[0]?.breaker).toBe('closed')
  })

  test('waits for the only endpoint for as long as that asked', async () => {
    const { manager, clock, log } = managerOf({ patienceMs: 10_000 }, abc.slice(0, 1))
    const busy = new Failed('try-later', 'HTTP status 503', { afterMs: 3000 })
    const end = manager.execute(({ id }) => (log.push(id) === 1 ? busy : 'done'))
    await clock.advance(2999)
    expect(log).toHaveLength(1)
    await clock.advance(200)
    expect(await end).toBe('done')
  })

  test('ends with its deadline, also while an attempt hangs, and tells the attempt', async () => {
    const { manager, clock } = managerOf({ timeoutMs: 1000 })
    let aborted = false
    const end = manager
      .execute((_, { signal }) => new Promise(() => signal.addEventListener('abort', () => (aborted = true))))
      .catch((error: FailoverError) => error.code)
    await clock.advance(999)
    expect(aborted).toBe(false)
    await clock.advance(1)
    expect([await end, aborted]).toEqual(['TIMEOUT', true])
    expect(manager.endpoints()[0]).toMatchObject({ inFlight: 0, statistics: { failures: { 'no-answer': 1 } } })
  })

  test('gives one attempt up after its own time and goes on, when that may be', async () => {
    const { manager, clock, log } = managerOf({ attemptTimeoutMs: 500, retry: { repeat: 'always' } })
    const end = manager.execute(({ id }) => {
      log.push(id)
      return id === 'a' ? new Promise<string>(() => {}) : id
    })
    await clock.advance(1000)
    expect([await end, log]).toEqual(['b', ['a', 'b']])
  })

  test('counts each return to one endpoint as a try, where a strategy takes no other', async () => {
    const strategy = custom(candidates => candidates.find(({ endpoint }) => endpoint.id === 'a'))
    const { request, log } = managerOf({ strategy, breaker: false })
    expect(await request(Array(9).fill('not-sent'))).toBe('RETRY_EXHAUSTED')
    expect(log.length).toBeLessThanOrEqual(4)
  })

  test('does not start a wait that ends after the deadline', async () => {
    const { manager, clock } = managerOf({ timeoutMs: 50, retry: { jitter: 'none' }, breaker: false })
    const end = manager.execute(() => new Failed('try-later', 'HTTP status 503')).catch((error: FailoverError) => error)
    await clock.advance(0)
    expect(await end).toMatchObject({ code: 'TIMEOUT', failure: { reason: 'HTTP status 503' } })
    expect(clock.pending).toBe(0)
  })

  test('stops when its caller gives up, in an attempt and between two', async () => {
    for (const hang of [true, false]) {
      const { manager, clock } = managerOf({ retry: { jitter: 'none' } })
      const caller = new AbortController()
      const attempt = () => (hang ? new Promise<never>(() => {}) : new Failed('try-later', 'HTTP status 503'))
      const end = manager.execute(attempt, { signal: caller.signal }).catch(error => error)
      await clock.advance(10)
      caller.abort('enough')
      expect(await end).toBe('enough')
      await manager.close()
      expect(clock.pending).toBe(0)
      expect(manager.endpoints()[0]).toMatchObject({ inFlight: 0, breaker: 'closed' })
    }
  })

  test('spends no more retries than the budget has', async () => {
    const { manager, clock, log } = managerOf({ budget: { ratio: 0.1, minPerSecond: 0 }, breaker: false })
    const all = Promise.allSettled(
      Array.from({ length: 200 }, () => manager.execute(({ id }) => new Failed('try-later', `503, ${log.push(id)}`))),
    )
    await clock.advance(5000)
    await all
    expect(log.length - 200).toBeLessThanOrEqual(20)
    expect(log.length).toBeGreaterThan(210)
  })

  test.each<[string, readonly EndpointSettings[], string]>([
    ['an empty set', [], 'NO_ENDPOINTS'],
    ['weight 0 everywhere', [{ url: 'http://a', weight: 0 }], 'NO_ENDPOINTS'],
  ])('%s is %s', async (_, given, code) => {
    await expect(managerOf({}, given).request()).resolves.toBe(code)
  })

  test('says what is open, and when it may be asked again', async () => {
    const { manager, request } = managerOf({ breaker: { failures: 1, jitter: 0, openMs: 100_000, maxOpenMs: 100_000 } })
    await request(Array(9).fill('not-sent'))
    await expect(manager.execute(() => 1)).rejects.toMatchObject({ code: 'CIRCUIT_OPEN', retryAfterMs: 40_000 })
  })

  test('isolates by hand, and saves and restores what the breakers know', async () => {
    const { manager, clock } = managerOf()
    expect([manager.isolate('a'), manager.isolate('nobody')]).toEqual([true, false])
    const where = () => manager.execute(({ id }) => id)
    expect(await where()).toBe('b')
    const again = managerOf({}, abc, clock)
    again.manager.restore(JSON.parse(JSON.stringify(manager.save())))
    expect(await again.manager.execute(({ id }) => id)).toBe('b')
    manager.rejoin('a')
    await clock.advance(30_000)
    expect(await where()).toBe('a')
    expect(manager.statistics().recoveries).toBe(1)
    // Who reads it as a counter takes any fall for a new start.
    manager.setEndpoints([{ id: 'b', url: 'http://b' }])
    expect(manager.statistics().recoveries).toBe(1)
  })
})

describe('close', () => {
  test('lets what is under way end, takes nothing new, and leaves no timer', async () => {
    const { manager, clock } = managerOf()
    const slow = manager.execute(async ({ id }) => {
      await sleep(clock, 300)
      return id
    })
    await clock.advance(0)
    const closed = manager.close(1000)
    await expect(manager.execute(() => 1)).rejects.toMatchObject({ code: 'CLOSED' })
    await clock.advance(300)
    expect(await slow).toBe('a')
    await closed
    expect(clock.pending).toBe(0)
  })

  test('aborts what does not end in time', async () => {
    const { manager, clock } = managerOf()
    let reason: unknown
    const end = manager
      .execute(async (_, { signal }) => {
        await sleep(clock, 50_000, signal).catch(error => {
          reason = error
        })
      })
      .catch(error => error)
    await clock.advance(0)
    const closed = manager.close(1000)
    await clock.advance(1000)
    await closed
    expect(reason).toMatchObject({ code: 'CLOSED' })
    expect(await end).toMatchObject({ code: 'CLOSED' })
  })

  test.each<[string, ManagerSettings, () => Promise<Failed>]>([
    ['in an attempt that hears no signal', {}, () => new Promise(() => {})],
    ['between two attempts', { retry: { baseMs: 500, jitter: 'none' } }, async () => new Failed('try-later', '503')],
    [
      'that waits for an endpoint',
      { patienceMs: 20_000, breaker: { failures: 1 }, retry: { baseMs: 1 } },
      async () => new Failed('no-answer', 'reset'),
    ],
  ])('ends a request %s, and sends nothing any more', async (_, settings, attempt) => {
    const { manager, clock } = managerOf(settings, [{ url: 'http://a' }])
    let sent = 0
    const count = () => {
      sent++
      return attempt()
    }
    const end = manager.execute(count, { repeat: 'always' }).catch(error => [error.code, clock.now()])
    await clock.advance(150)
    await manager.close()
    await clock.advance(60_000)
    expect([await end, sent, clock.pending]).toEqual([['CLOSED', 150], 1, 0])
  })
})

test('a clock that jumps back stops nothing: time goes on from where it was', async () => {
  const clock = new VirtualClock()
  let offset = 0
  const jumping = { now: () => clock.now() + offset, epochMs: () => 0, timer: clock.timer.bind(clock) }
  const manager = new Manager(abc, { breaker: { failures: 1, openMs: 1000, jitter: 0 } }, { clock: jumping, random: seeded(1) })
  await clock.advance(3_600_000)
  await manager.execute(({ id }) => (id === 'a' ? new Failed('not-sent', 'x') : id))
  offset = -3_600_000
  expect(await manager.execute(({ id }) => id)).toBe('b')
  await clock.advance(999)
  expect(await manager.execute(({ id }) => id)).toBe('b')
  await clock.advance(1)
  expect(await manager.execute(({ id }) => id)).toBe('a')
})

test('events are typed, heard by listeners, and bounded', async () => {
  const { manager } = managerOf({ maxEvents: 5 })
  const heard: string[] = []
  const stop = manager.events.listen(event => heard.push(event.type))
  for (let i = 0; i < 20; i++) manager[i % 2 ? 'rejoin' : 'isolate']('a')
  expect(heard).toHaveLength(20)
  stop()
  manager.isolate('a')
  expect(heard).toHaveLength(20)
  expect(manager.events.latest()).toHaveLength(5)
  expect(manager.events.latest(2).map(event => 'to' in event && event.to)).toEqual(['closed', 'isolated'])
  expect(manager.events.latest(0)).toEqual([])
})

test('many requests that fail for one reason do not push out how it came about', async () => {
  const { manager, clock } = managerOf({ maxEvents: 20 })
  for (const id of ['a', 'b', 'c']) manager.isolate(id)
  for (let i = 0; i < 100; i++) await manager.execute(() => 1).catch(() => {})
  await clock.advance(0)
  const kept = manager.events.latest().map(({ type }) => type)
  expect(kept.filter(type => type === 'request-failed')).toHaveLength(1)
  expect(kept.filter(type => type === 'breaker-changed')).toHaveLength(3)
})

test('whatever happens, nothing is sent twice unless the caller allows it', async () => {
  const ends = fc.array(fc.constantFrom<FailureKind | 'ok'>('ok', 'not-sent', 'no-answer', 'try-later', 'refused'), {
    minLength: 1,
    maxLength: 12,
  })
  let repeated = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(ends, { minLength: 1, maxLength: 10 }),
      fc.constantFrom<Repeat>('unsent', 'told', 'always'),
      async (requests, repeat) => {
        const { manager, clock } = managerOf({ breaker: { failures: 3, openMs: 50 }, patienceMs: 1000 })
        for (const plan of requests) {
          const seen: (FailureKind | 'ok')[] = []
          const end = manager
            .execute(
              () => {
                const how = plan[seen.length] ?? 'ok'
                seen.push(how)
                return how === 'ok' ? how : new Failed(how, how)
              },
              { repeat },
            )
            .catch(error => error)
          await clock.advance(40_000)
          await end
          const all = seen.slice(0, -1)
          const allowed = {
            unsent: ['not-sent'],
            told: ['not-sent', 'try-later'],
            always: ['not-sent', 'try-later', 'no-answer'],
          }
          expect(all.filter(how => !allowed[repeat].includes(how))).toEqual([])
          repeated += all.length
          expect(seen.filter(how => how !== 'not-sent').length).toBeLessThanOrEqual(3)
        }
        expect(manager.endpoints().every(({ inFlight }) => inFlight === 0)).toBe(true)
        expect(clock.pending).toBe(0)
      },
    ),
    { seed: 6, numRuns: 150 },
  )
  expect(repeated).toBeGreaterThan(200)
})

test('a listener that throws fails no request, and its bug is seen all the same', async () => {
  const { manager } = managerOf({ breaker: { failures: 1 } })
  const seen: unknown[] = []
  const others = process.listeners('unhandledRejection')
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', error => seen.push(error))
  try {
    manager.events.listen(() => {
      throw new Error('a bug of the listener')
    })
    expect(await manager.execute(({ id }) => (id === 'a' ? new Failed('not-sent', 'refused') : id))).toBe('b')
    await new Promise(resolve => setImmediate(resolve))
    expect(seen).toContainEqual(new Error('a bug of the listener'))
  } finally {
    process.removeAllListeners('unhandledRejection')
    for (const other of others) process.on('unhandledRejection', other)
  }
})
