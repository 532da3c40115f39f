import { describe, expect, test } from 'vitest'
import type { HttpReply } from '../../src/core/host.ts'
import { clockAhead, lookAt } from '../../src/watch/look.ts'
import { answer, answering, metricsOf } from './answers.ts'

const clock = { now: () => 5, epochMs: () => Date.parse('Sat, 21 Nov 2026 13:33:48 GMT') }
const watched = { name: 'a', metricsUrl: 'http://user:hush@a:8888/metrics?token=hush', healthUrl: 'http://a:13133/' }
const look = (reply: HttpReply, health: HttpReply = answer('')) =>
  lookAt(watched, {
    network: answering({ [watched.metricsUrl]: reply, [watched.healthUrl]: health }),
    clock,
    timeoutMs: 1000,
  })

test('a collector is read, and its health asked for', async () => {
  expect(await look(answer(metricsOf('normal-level1'), 200, { date: 'Sat, 21 Nov 2026 13:39:00 GMT' }))).toMatchObject({
    at: 5,
    problem: undefined,
    health: 'ok',
    clockAheadMs: 312_500,
    figures: { version: '0.161.0' },
  })
})

describe('what is no answer of a collector', () => {
  const cases: [what: string, reply: HttpReply, kind: string, message: RegExp][] = [
    ['nobody listens', { kind: 'not-sent', reason: 'no connection', problem: 'refused' }, 'unreachable', /connection refused/],
    [
      'a name that is none',
      { kind: 'not-sent', reason: 'no connection', problem: 'no-such-host' },
      'unreachable',
      /no such host/,
    ],
    [
      'OTLP over gRPC',
      { kind: 'no-answer', reason: '', timedOut: false, problem: 'other-protocol' },
      'unreachable',
      /does not speak HTTP/,
    ],
    [
      'silence',
      { kind: 'no-answer', reason: 'no answer in time', timedOut: true },
      'silent',
      /takes the request and does not answer/,
    ],
    ['over 50 MB', { ...answer(''), oversized: true } as HttpReply, 'too-large', /more than 50 MB/],
    ['a web page', answer('<!doctype html><h1>hi</h1>'), 'not-metrics', /a web page/],
    ['JSON', answer('{"status":"Server available"}'), 'not-metrics', /JSON/],
    ['an empty answer', answer(''), 'not-metrics', /an empty answer/],
    ['protobuf', answer('\u0001\u0002', 200, { 'content-type': 'application/vnd.google.protobuf' }), 'not-metrics', /protobuf/],
    ['404', answer('', 404), 'not-metrics', /status 404/],
    ["another program's metrics", answer('# TYPE up gauge\nnode_load1 0.5\n'), 'not-a-collector', /none of a collector/],
  ]
  test.each(cases)('%s', async (_, reply, kind, message) => {
    const { problem, figures } = await look(reply)
    expect({ kind: problem?.kind, figures }).toEqual({ kind, figures: undefined })
    expect(problem?.message).toMatch(message)
    expect(problem?.hint).not.toBe('')
    expect(JSON.stringify(problem)).not.toContain('hush')
  })
})

test.each([
  ['200', answer(''), 'ok'],
  ['503', answer('', 503), 'not-ok'],
  ['nothing', { kind: 'no-answer', reason: '', timedOut: true } as const, 'no-answer'],
])('health: %s', async (_, reply, expected) => {
  expect((await look(answer(metricsOf('normal-level0')), reply)).health).toBe(expected)
})

test.each([
  ['Sat, 21 Nov 2026 13:33:48 GMT', 500],
  ['Thu, 29 Feb 2024 00:00:00 GMT', Date.UTC(2024, 1, 29) + 500 - clock.epochMs()],
  ['yesterday', undefined],
  [undefined, undefined],
])('a clock that says %s', (date, expected) => expect(clockAhead(date, clock.epochMs())).toBe(expected))
