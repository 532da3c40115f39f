import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { VirtualClock } from '../../src/core/clock.ts'
import type { HttpReply, HttpRequest } from '../../src/core/host.ts'
import { newRun, sequenceOf, spanKeyOf } from '../../src/otlp/identity.ts'
import { judgeReply, retryAfterMs } from '../../src/otlp/reply.ts'
import { emptyLedger, sendTraffic, type Traffic } from '../../src/otlp/sender.ts'
import { ranges, SequenceSet } from '../../src/otlp/sequence-set.ts'

const ok: HttpReply = { kind: 'answer', status: 200, headers: {}, body: new TextEncoder().encode('{"partialSuccess":{}}') }
const status = (code: number, headers = {}): HttpReply => ({ kind: 'answer', status: code, headers, body: new Uint8Array() })

const TRAFFIC: Traffic = {
  destination: { protocol: 'http/json', url: 'http://x/v1/traces', headers: {}, timeoutMs: 1000, compression: 'none' },
  run: '00000000000000ab',
  rate: 10,
  spansPerRequest: 1,
  maxInFlight: 4,
}

/** Sends on virtual time; `answer` is asked for each request, with the time at which it was sent. */
async function sent(traffic: Partial<Traffic>, answer: (at: number) => HttpReply, forMs = 60_000) {
  const clock = new VirtualClock()
  const times: number[] = []
  const network = {
    request: async (_: HttpRequest) => {
      times.push(clock.now())
      return answer(clock.now())
    },
  }
  const ledger = emptyLedger()
  const stop = new AbortController()
  const done = sendTraffic({ ...TRAFFIC, ...traffic }, { clock, network }, stop.signal, ledger)
  await clock.advance(forMs)
  stop.abort()
  await done
  return { ledger, times }
}

describe('traffic', () => {
  test('is paced by the total rate', async () => {
    const { times } = await sent({ count: 5 }, () => ok)
    expect(times).toEqual([0, 100, 200, 300, 400])
  })

  test('several spans a request make fewer requests, and the last is cut to the count', async () => {
    const { times, ledger } = await sent({ count: 7, spansPerRequest: 3 }, () => ok)
    expect(times).toEqual([0, 300, 600])
    expect(ledger).toMatchObject({ sent: 7 })
    expect(ledger.acknowledged.size).toBe(7)
  })

  test('ends after its duration', async () => {
    expect((await sent({ durationMs: 1000 }, () => ok)).ledger.sent).toBe(10)
  })

  test('ends when told', async () => {
    expect((await sent({}, () => ok, 2050)).ledger.sent).toBe(21)
  })
})

describe('every answer has its place in the ledger', () => {
  const partial: HttpReply = {
    kind: 'answer',
    status: 200,
    headers: {},
    body: new TextEncoder().encode('{"partialSuccess":{"rejectedSpans":"1"}}'),
  }
  const cases: [what: string, reply: HttpReply, where: 'acknowledged' | 'refused' | 'unknown'][] = [
    ['200', ok, 'acknowledged'],
    ['200 without a body', status(200), 'acknowledged'],
    ['202', status(202), 'acknowledged'],
    ['a partial success: nobody knows which', partial, 'unknown'],
    ['400', status(400), 'refused'],
    ['500', status(500), 'refused'],
    ['503', status(503), 'refused'],
    ['never sent', { kind: 'not-sent', reason: 'connection refused' }, 'refused'],
    ['no answer', { kind: 'no-answer', reason: 'reset', timedOut: false }, 'unknown'],
  ]
  test.each(cases)('%s', async (_, reply, where) => {
    const { ledger } = await sent({ count: 3 }, () => reply)
    for (const set of ['acknowledged', 'refused', 'unknown'] as const) expect(ledger[set].size).toBe(set === where ? 3 : 0)
    expect(ledger.reasons.size).toBe(where === 'acknowledged' ? 0 : 1)
  })
})

describe('OTLP allows to send again only after', () => {
  test.each([429, 502, 503, 504])('%i', code =>
    expect(judgeReply(status(code), 0)).toMatchObject({ kind: 'try-later', notSent: false }),
  )
  test.each([400, 401, 404, 408, 413, 500, 501, 505])('not after %i', code =>
    expect(judgeReply(status(code), 0).kind).toBe('refused'),
  )
  test.each([
    ['3', 3000],
    [' 0 ', 0],
    ['Thu, 01 Jan 1970 00:00:10 GMT', 9000],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
    ['soon', undefined],
    [undefined, undefined],
  ])('Retry-After: %s', (header, ms) => expect(retryAfterMs(header, 1000)).toBe(ms))
})

describe('identity', () => {
  test('a span of the run gives its number back; any other gives none', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 45 }), fc.integer(), (sequence, seed) => {
        const run = newRun(() => (Math.abs(seed) % 1000) / 1000)
        expect(run).toMatch(/^[0-9a-f]{16}$/)
        expect(sequenceOf(run, spanKeyOf(run, sequence))).toBe(sequence)
        expect(sequenceOf('ffffffffffffffff', spanKeyOf(run, sequence))).toBeUndefined()
      }),
    )
  })
})

test('a sequence set is a set of numbers, in order', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(50_000)), numbers => {
      const set = new SequenceSet()
      const expected = new Set<number>()
      for (const number of numbers) {
        expect(set.add(number)).toBe(!expected.has(number))
        expected.add(number)
      }
      expect([...set]).toEqual([...expected].sort((a, b) => a - b))
      expect(set.size).toBe(expected.size)
      expect(ranges(set).flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, i) => from + i))).toEqual([...set])
    }),
  )
})
