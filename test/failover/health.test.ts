import { describe, expect, test } from 'vitest'
import { VirtualClock } from '../../src/core/clock.ts'
import type { Network } from '../../src/core/host.ts'
import { seeded } from '../../src/core/random.ts'
import type { CheckResult } from '../../src/failover/check-loop.ts'
import { type Health, HealthRecord } from '../../src/failover/health.ts'
import { Manager, type ManagerSettings } from '../../src/failover/manager.ts'
import { probeOf } from '../../src/failover/probes/index.ts'
import type { ProbeSettings } from '../../src/failover/probes/probe.ts'
import { fakeHost } from '../fake-host.ts'
import { abc } from './pool-of.ts'

test.each<[string, string, Health]>([
  ['the first check that passes is believed', '+', 'healthy'],
  ['one that fails makes it degraded', '-', 'degraded'],
  ['unhealthy after so many in a row', '---', 'unhealthy'],
  ['not when one passes between', '--+--', 'degraded'],
  ['not healthy again at once', '---+', 'unhealthy'],
  ['healthy again after so many in a row', '---++', 'healthy'],
  ['counted anew after a failure', '---+-+', 'unhealthy'],
  ['slow is degraded', '~', 'degraded'],
  ['fast again is healthy', '~+', 'healthy'],
])('%s: %s is %s', (_, checks, state) => {
  const record = new HealthRecord({ rise: 2, fall: 3, slowMs: 100 }, () => {})
  for (const one of checks) record.check(one !== '-', one === '~' ? 200 : 1, 'tcp')
  expect(record.state).toBe(state)
})

test('requests show health only where nobody checks, and never take an endpoint out', () => {
  const record = new HealthRecord({}, () => {})
  const after = (worked: boolean) => {
    record.request(worked)
    return record.state
  }
  expect([after(false), after(false), after(false), after(false), after(true)]).toEqual([
    'degraded',
    'degraded',
    'degraded',
    'degraded',
    'healthy',
  ])
  record.told('unhealthy', 'the registry')
  expect(after(true)).toBe('unhealthy')
})

test.each<[string, string, Health]>([
  ['what checks have found, although the registry says again that it is well', 'h---h', 'unhealthy'],
  ['what the registry says, although checks pass', 'u++', 'unhealthy'],
  ['well only when both say so', 'h---h++', 'healthy'],
  ['well again when the registry has changed its mind', 'u++h', 'healthy'],
  ['the registry, where only requests have said something', 'xh', 'healthy'],
])('of checks and a registry the worse counts: %s', (_, said, state) => {
  const record = new HealthRecord({ rise: 2, fall: 3 }, () => {})
  for (const one of said) {
    if (one === 'x') record.request(false)
    else if (one === 'h' || one === 'u') record.told(one === 'h' ? 'healthy' : 'unhealthy', 'the registry')
    else record.check(one === '+', 1, 'tcp')
  }
  expect(record.state).toBe(state)
})

describe('checks', () => {
  function checked(answers: Record<string, (() => CheckResult) | undefined>, settings: ManagerSettings = {}) {
    const clock = new VirtualClock()
    const asked: [string, number][] = []
    const probe = async ({ id }: { id: string }) => {
      asked.push([id, clock.now()])
      return answers[id]?.() ?? { passed: true, reason: 'ok' }
    }
    const manager = new Manager(
      abc,
      { checks: { intervalMs: 1000, jitter: 0.2 }, ...settings },
      { clock, random: seeded(1), probe },
    )
    return { manager, clock, asked }
  }
  const down = () => ({ passed: false, reason: 'connection refused' })

  test('come again and again, not of all endpoints at one instant, and end with close', async () => {
    const { manager, clock, asked } = checked({})
    await clock.advance(20_000)
    const ofA = asked.filter(([id]) => id === 'a').map(([, at]) => at)
    const gaps = ofA.slice(1).map((at, i) => at - ofA[i]!)
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(800)
    expect(Math.max(...gaps)).toBeLessThanOrEqual(1200)
    expect(new Set(asked.slice(0, 3).map(([, at]) => at)).size).toBe(3)
    await manager.close()
    expect(clock.pending).toBe(0)
  })

  test('that are under way when all is closed set no timer any more', async () => {
    const clock = new VirtualClock()
    let answer = (_: CheckResult) => {}
    const probe = () =>
      new Promise<CheckResult>(resolve => {
        answer = resolve
      })
    const manager = new Manager(abc.slice(0, 1), {}, { clock, random: seeded(1), probe })
    await clock.advance(2000)
    await manager.close()
    answer({ passed: true, reason: 'ok' })
    await clock.advance(0)
    expect(clock.pending).toBe(0)
  })

  test('take an endpoint out and bring it back, with an event each', async () => {
    let up = true
    const { manager, clock } = checked({ a: () => (up ? { passed: true, reason: 'ok' } : down()) }, { failBackMs: 0 })
    const where = () => manager.execute(({ id }) => id)
    await clock.advance(1000)
    up = false
    await clock.advance(4000)
    expect(await where()).toBe('b')
    up = true
    await clock.advance(4000)
    expect(await where()).toBe('a')
    expect(
      manager.events.latest().flatMap(event => (event.type === 'health-changed' && event.endpoint === 'a' ? [event.to] : [])),
    ).toEqual(['healthy', 'degraded', 'unhealthy', 'healthy'])
  })

  test('are not believed when no endpoint passes, unless that is wished', async () => {
    for (const panic of [true, false]) {
      const { manager, clock } = checked({ a: down, b: down, c: down }, { panic })
      await clock.advance(10_000)
      const end = await manager.execute(({ id }) => id).catch(error => error.code)
      expect(end).toBe(panic ? 'a' : 'ALL_ENDPOINTS_DOWN')
      expect(manager.events.latest().some(({ type }) => type === 'panic-started')).toBe(panic)
    }
  })

  test('can be asked for by hand', async () => {
    const { manager } = checked({ b: down })
    expect(await manager.check('a')).toBe('healthy')
    await expect(manager.check('b')).rejects.toMatchObject({ code: 'HEALTH_CHECK_FAILED', message: 'b: connection refused' })
    await expect(manager.check('nobody')).rejects.toMatchObject({ code: 'HEALTH_CHECK_FAILED' })
    expect(Object.fromEntries(await manager.checkAll())).toEqual({ a: 'healthy', b: 'degraded', c: 'healthy' })
    await expect(new Manager(abc, {}, { clock: new VirtualClock(), random: seeded(1) }).check('a')).rejects.toThrow(
      'no check is set up',
    )
  })
})

describe('a probe', () => {
  const asked: unknown[] = []
  const answer = (reply: unknown) => (request: unknown) => {
    asked.push(request)
    return Promise.resolve(reply)
  }
  const ok = { kind: 'answer', status: 200, headers: {}, body: new Uint8Array() }
  const run = (settings: ProbeSettings, network: Record<string, unknown>, url = 'http://h:4318') =>
    probeOf(settings, fakeHost({ network: network as Partial<Network> }))({ id: 'x', url, priority: 0, weight: 1, tags: [] }, 500)

  test.each<[ProbeSettings, Record<string, unknown>, boolean, object]>([
    [{ kind: 'tcp' }, { connect: answer({ kind: 'open' }) }, true, { host: 'h', port: 4318 }],
    [{ kind: 'tcp' }, { connect: answer({ kind: 'not-sent', reason: 'refused' }) }, false, { host: 'h', port: 4318 }],
    [{ kind: 'http', path: '/up' }, { request: answer(ok) }, true, { method: 'GET', url: 'http://h:4318/up' }],
    [{ kind: 'http' }, { request: answer({ ...ok, status: 503 }) }, false, { url: 'http://h:4318/' }],
    [{ kind: 'collector' }, { request: answer(ok) }, true, { url: 'http://h:13133/' }],
    [{ kind: 'otlp' }, { request: answer(ok) }, true, { method: 'POST', url: 'http://h:4318/v1/traces', body: new Uint8Array() }],
    [
      { kind: 'otlp', signal: 'logs' },
      { request: answer({ kind: 'no-answer', reason: 'late' }) },
      false,
      { url: 'http://h:4318/v1/logs' },
    ],
    [{ kind: 'otlp', protocol: 'grpc' }, { call: answer({ kind: 'answer', code: 0 }) }, true, { url: 'http://h:4318' }],
    [{ kind: 'otlp', protocol: 'grpc' }, { call: answer({ kind: 'answer', code: 14 }) }, false, { url: 'http://h:4318' }],
  ])('%j against %j passes: %s', async (settings, network, passed, request) => {
    expect((await run(settings, network)).passed).toBe(passed)
    expect(asked.at(-1)).toMatchObject(request)
  })

  test('that throws has failed', async () => {
    expect(await run({ kind: 'tcp' }, {}, 'not an address')).toMatchObject({ passed: false })
  })
})
