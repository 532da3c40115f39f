import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { VirtualClock } from '../../src/core/clock.ts'
import type { HttpReply, HttpRequest } from '../../src/core/host.ts'
import { inOrder, roundRobin } from '../../src/otlp/choose.ts'
import { plainDestination } from '../../src/otlp/destination.ts'
import { emptyLedger } from '../../src/otlp/ledger.ts'
import { judgeReply, retryAfterMs } from '../../src/otlp/reply.ts'
import { sendTraffic, type Traffic } from '../../src/otlp/sender.ts'
import type { Signal } from '../../src/otlp/signal.ts'
import { countedIds } from '../../src/otlp/synthesize/ids.ts'
import { PLAIN } from '../../src/otlp/synthesize/shape.ts'
import { synthetic } from '../../src/otlp/synthesize/synthetic.ts'

const ok: HttpReply = { kind: 'answer', status: 200, headers: {}, body: new TextEncoder().encode('{"partialSuccess":{}}') }
const status = (code: number, headers = {}): HttpReply => ({ kind: 'answer', status: code, headers, body: new Uint8Array() })
const partial = (rejected: number): HttpReply => ({
  ...ok,
  body: new TextEncoder().encode(`{"partialSuccess":{"rejectedSpans":"${rejected}"}}`),
})

const RUN = '00000000000000ab'
const lane = (signal: Signal = 'traces', urls: readonly string[] = ['http://a']) => ({
  source: synthetic({ signal, encoding: 'json', shape: PLAIN, run: RUN, ids: countedIds(RUN), startedAtMs: 0 }),
  endpoints: urls.map(url => plainDestination(signal, url)),
  ledger: emptyLedger(),
})

interface Sending {
  readonly at: number
  readonly url: string
}
type Answer = (sending: Sending, clock: VirtualClock) => HttpReply | Promise<HttpReply>

/** Sends on virtual time; `answer` is asked for each request, with the time at which it was sent. */
async function sent(traffic: Partial<Traffic>, answer: Answer, forMs = 60_000) {
  const clock = new VirtualClock()
  const sendings: Sending[] = []
  const network = {
    request: async ({ url }: HttpRequest) => {
      sendings.push({ at: clock.now(), url })
      return answer(sendings.at(-1) as Sending, clock)
    },
    call: () => Promise.reject(new Error('nobody speaks gRPC here')),
  }
  const lanes = traffic.lanes ?? [lane()]
  const stop = new AbortController()
  const settings = { rate: 10, itemsPerRequest: 1, connections: 4, choice: roundRobin(1), ...traffic, lanes }
  const done = sendTraffic(settings, { clock, network }, stop.signal)
  await clock.advance(forMs)
  stop.abort()
  await clock.advance(5000)
  const { late } = await done
  expect(clock.pending).toBe(0)
  return { ledger: (lanes[0] as (typeof lanes)[0]).ledger, lanes, sendings, times: sendings.map(({ at }) => at), late }
}

/** An answer that takes its time. */
const after =
  (ms: number, reply: HttpReply = ok): Answer =>
  (_, clock) =>
    new Promise(resolve => clock.timer(ms, () => resolve(reply)))

describe('traffic', () => {
  test('is paced by the total rate', async () => {
    const { times } = await sent({ count: 5 }, () => ok)
    expect(times).toEqual([0, 100, 200, 300, 400])
  })

  test('several spans a request make fewer requests, and the last is cut to the count', async () => {
    const { times, ledger } = await sent({ count: 7, itemsPerRequest: 3 }, () => ok)
    expect(times).toEqual([0, 300, 600])
    expect(ledger).toMatchObject({ sent: 7, requests: 3 })
    expect(ledger.acknowledged.size).toBe(7)
  })

  test('ends after its duration', async () => {
    expect((await sent({ durationMs: 1000 }, () => ok)).ledger.sent).toBe(10)
  })

  test('ends when told', async () => {
    expect((await sent({}, () => ok, 2050)).ledger.sent).toBe(21)
  })

  test('as fast as the answers come: as many as there are connections, then one for each answer', async () => {
    const { times } = await sent({ rate: 0, count: 10 }, after(100))
    expect(times).toEqual([0, 0, 0, 0, 100, 100, 100, 100, 200, 200])
  })

  test('keeps its rate whatever it is, with answers that take their time', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 50_000 }), fc.integer({ min: 0, max: 100 }), async (rate, ms) => {
        const itemsPerRequest = Math.ceil(rate / 20)
        const { ledger, late } = await sent({ rate, itemsPerRequest, durationMs: 3000, connections: 64 }, after(ms), 4000)
        expect(Math.abs(ledger.sent - rate * 3)).toBeLessThanOrEqual(itemsPerRequest)
        expect(late).toBe(0)
      }),
      { numRuns: 20, seed: 5 },
    )
  })

  test('the signals take turns, each with numbers of its own', async () => {
    const { lanes, sendings } = await sent({ count: 5, lanes: [lane('traces'), lane('metrics'), lane('logs')] }, () => ok)
    expect(sendings.map(({ url }) => url.slice('http://a/v1/'.length))).toEqual([
      'traces',
      'metrics',
      'logs',
      'traces',
      'metrics',
    ])
    expect(lanes.map(({ ledger }) => [...ledger.acknowledged])).toEqual([[1, 2], [1, 2], [1]])
  })

  test('a source that ends leaves the others going, and ends all when it is the last', async () => {
    const short = lane('logs')
    const source = {
      ...short.source,
      next: (first: number, n: number, ms: number) => (first > 2 ? undefined : short.source.next(first, n, ms)),
    }
    const { lanes } = await sent({ lanes: [{ ...short, source }] }, () => ok)
    expect(lanes[0]?.ledger.sent).toBe(2)
  })
})

describe('a server that is too slow', () => {
  test('cannot hide: latency counts from when a request was due, and what is late goes out at once', async () => {
    // One connection, and one answer that takes a second: ten requests become due meanwhile.
    let answers = 0
    const { times, ledger } = await sent({ count: 20, connections: 1 }, (sending, clock) =>
      after(answers++ === 0 ? 1000 : 0)(sending, clock),
    )
    expect(times.slice(0, 12)).toEqual([0, ...new Array(10).fill(1000), 1100])
    expect(ledger.latency.max).toBe(1000)
    expect(ledger.latency.percentile(0.75)).toBeCloseTo(500, -1.5)
  })

  test('what was due and could not be sent in the duration is counted', async () => {
    const { ledger, late } = await sent({ durationMs: 1000, connections: 1 }, after(500))
    // At 0, 0.5, 1 and 1.5 s.
    expect(ledger.sent).toBe(4)
    expect(late).toBe(6)
  })

  test('once told to stop, requests in flight get so long and are unknown then', async () => {
    const clock = new VirtualClock()
    const stop = new AbortController()
    const only = lane()
    const network = {
      request: ({ signal }: HttpRequest) =>
        new Promise<HttpReply>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason), { once: true })),
      call: () => Promise.reject(new Error('nobody speaks gRPC here')),
    }
    const traffic = { lanes: [only], rate: 10, itemsPerRequest: 1, connections: 4, choice: roundRobin(1), patienceMs: 3000 }
    const done = sendTraffic(traffic, { clock, network }, stop.signal)
    await clock.advance(1000)
    stop.abort()
    await clock.advance(2999)
    expect(only.ledger.unknown.size).toBe(0)
    await clock.advance(1)
    await done
    expect(only.ledger.unknown.size).toBe(4)
    expect([...only.ledger.reasons]).toEqual([['interrupted before an answer', 4]])
    expect(clock.pending).toBe(0)
  })
})

describe('every answer has its place in the ledger', () => {
  const cases: [what: string, reply: HttpReply, where: 'acknowledged' | 'refused' | 'unknown', rejected: number][] = [
    ['200', ok, 'acknowledged', 0],
    ['200 without a body', status(200), 'acknowledged', 0],
    ['202', status(202), 'acknowledged', 0],
    ['a partial success: nobody knows which', partial(1), 'unknown', 1],
    ['a partial success that rejects all', partial(3), 'refused', 3],
    ['one that rejects more than there was', partial(9), 'refused', 3],
    ['400', status(400), 'refused', 0],
    ['500', status(500), 'refused', 0],
    ['503', status(503), 'refused', 0],
    ['never sent', { kind: 'not-sent', reason: 'connection refused' }, 'refused', 0],
    ['no answer', { kind: 'no-answer', reason: 'reset', timedOut: false }, 'unknown', 0],
  ]
  test.each(cases)('%s', async (_, reply, where, rejected) => {
    const { ledger } = await sent({ count: 3, itemsPerRequest: 3 }, () => reply)
    for (const set of ['acknowledged', 'refused', 'unknown'] as const) expect(ledger[set].size).toBe(set === where ? 3 : 0)
    expect(ledger.rejected).toBe(rejected)
    expect(ledger.reasons.size).toBe(where === 'acknowledged' ? 0 : 1)
  })

  test('reasons without end are counted together', async () => {
    let number = 0
    const { ledger } = await sent({ count: 200 }, () => ({ kind: 'not-sent', reason: `reason ${number++}` }))
    expect(ledger.reasons.size).toBe(51)
    expect(ledger.reasons.get('further reasons')).toBe(150)
  })
})

describe('several endpoints', () => {
  const urls = ['http://a', 'http://b']
  const hosts = (sendings: readonly Sending[]) => sendings.map(({ url }) => new URL(url).host).join('')

  test('round robin takes them in turn, and a failure stays one', async () => {
    const answer: Answer = ({ url }) => (url.startsWith('http://b') ? status(503) : ok)
    const { ledger, sendings } = await sent({ count: 4, lanes: [lane('traces', urls)], choice: roundRobin(2) }, answer)
    expect(hosts(sendings)).toBe('abab')
    expect([...ledger.refused]).toEqual([2, 4])
  })

  test('failover: the next one takes what the first surely did not, and gets the rest until the first has cooled down', async () => {
    const answer: Answer = ({ url, at }) => (url.startsWith('http://a') && at < 1000 ? status(503) : ok)
    const { ledger, sendings } = await sent({ count: 8, rate: 1, lanes: [lane('traces', urls)], choice: inOrder(2) }, answer)
    expect(hosts(sendings)).toBe('abbbbbaaa')
    expect(ledger.acknowledged.size).toBe(8)
  })

  test('failover never sends again what may have arrived, or what was refused for good', async () => {
    const answers = [{ kind: 'no-answer', reason: 'reset', timedOut: false }, status(400)] as HttpReply[]
    for (const reply of answers) {
      const { sendings } = await sent({ count: 1, lanes: [lane('traces', urls)], choice: inOrder(2) }, () => reply)
      expect(hosts(sendings)).toBe('a')
    }
  })

  test('failover with none left: each was tried once', async () => {
    const { ledger, sendings } = await sent({ count: 2, lanes: [lane('traces', urls)], choice: inOrder(2) }, () => status(503))
    expect(hosts(sendings)).toBe('abab')
    expect(ledger.refused.size).toBe(2)
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
