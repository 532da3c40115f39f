import { describe, expect, test } from 'vitest'
import { VirtualClock } from '../../src/core/clock.ts'
import { seeded } from '../../src/core/random.ts'
import type { Answer } from '../../src/sink/arrival.ts'
import { Ledger } from '../../src/sink/ledger.ts'
import { Misbehaviour } from '../../src/sink/misbehaviour.ts'
import { parseFault } from '../../src/sink/parse-fault.ts'
import { RUN, tracesOf } from './requests.ts'

const setUp = async (...faults: string[]) => {
  const clock = new VirtualClock()
  const ledger = new Ledger({ clock, counts: true })
  const port: boolean[] = []
  const misbehaviour = new Misbehaviour(ledger.take, { clock, random: seeded(3), onPort: async open => void port.push(open) })
  await misbehaviour.become(faults.map(parseFault))
  const send = (from = 1, count = 1, abandoned = () => false): Promise<Answer> =>
    misbehaviour.receive({ signal: 'traces', encoding: 'json', body: tracesOf(from, count), abandoned })
  const seen = () => [...ledger.tally.of(RUN).traces.seen]
  const repeated = () => ledger.tally.of(RUN).traces.repeated
  return { clock, ledger, misbehaviour, port, send, seen, repeated }
}

describe('one fault', () => {
  test('refuse closes the port while it lasts', async () => {
    const { clock, port, misbehaviour } = await setUp('refuse@1s..2s')
    await clock.advance(999)
    expect(port).toEqual([])
    await clock.advance(1)
    expect([port, misbehaviour.active.map(({ text }) => text)]).toEqual([[false], ['refuse@1s..2s']])
    await clock.advance(1000)
    expect([port, clock.pending]).toEqual([[false, true], 0])
  })

  test('flapping goes on until it is told to stop', async () => {
    const { clock, port, misbehaviour } = await setUp('refuse@5s/5s')
    await clock.advance(20_000)
    expect(port).toEqual([false, true, false, true])
    misbehaviour.close()
    expect(clock.pending).toBe(0)
  })

  test('hang takes the request when it is over, unless its client has gone', async () => {
    const { clock, send, seen, ledger } = await setUp('hang@0s..5s')
    const [one, two] = [send(1), send(2, 1, () => true)]
    let answered = false
    void one.then(() => {
      answered = true
    })
    await clock.advance(4999)
    expect([answered, seen()]).toEqual([false, []])
    await clock.advance(1)
    expect([(await one).status, (await two).status, seen(), ledger.abandoned]).toEqual([200, 503, [1], 1])
  })

  test('hang that ends in another fault meets that one', async () => {
    const { clock, send, seen } = await setUp('hang@0s..5s', 'status=500@5s..')
    const answer = send()
    await clock.advance(5000)
    expect([(await answer).status, seen()]).toEqual([500, []])
  })

  test('slow answers late, and a thin line makes requests wait for one another', async () => {
    const { clock, send } = await setUp('slow=100ms,bandwidth=1kB')
    const bytes = tracesOf(1, 1).length
    const at: number[] = []
    for (let request = 0; request < 2; request++) void send().then(() => at.push(clock.now()))
    await clock.advance(10_000)
    expect(at.map(Math.round)).toEqual([100 + bytes, 100 + 2 * bytes])
  })

  test('reset=after has taken what it does not answer', async () => {
    const before = await setUp('reset')
    const after = await setUp('reset=after')
    expect([await before.send(), before.seen()]).toEqual([{ status: 503, reset: true }, []])
    expect([await after.send(), after.seen()]).toEqual([{ status: 503, reset: true }, [1]])
  })

  test('status says when to come back', async () => {
    const { send, seen } = await setUp('status=429,retry-after=2s,message=slow down')
    expect([await send(), seen()]).toEqual([{ status: 429, retryAfterMs: 2000, message: 'slow down' }, []])
  })

  test('a code of gRPC has the HTTP status that a collector makes of it', async () => {
    const { send } = await setUp('status=resource_exhausted')
    expect(await send()).toMatchObject({ status: 429, code: 8 })
  })

  test('partial rejects the first items and says how many', async () => {
    const { send, seen } = await setUp('partial=3')
    expect([await send(1, 5), seen()]).toEqual([{ status: 200, rejected: 3, message: 'asked to reject a part' }, [4, 5]])
    expect((await send(6, 2)).rejected).toBe(2)
  })

  test('drop forgets these numbers and says yes', async () => {
    const { send, seen } = await setUp('drop=3-4+9')
    expect([await send(1, 10), seen()]).toEqual([{ status: 200 }, [1, 2, 5, 6, 7, 8, 10]])
  })

  test('drop forgets a share, the same for the same seed', async () => {
    const [one, two] = [await setUp('drop=10%'), await setUp('drop=10%')]
    await one.send(1, 2000)
    await two.send(1, 2000)
    expect(one.seen()).toEqual(two.seen())
    expect(one.seen().length).toBeGreaterThan(1740)
    expect(one.seen().length).toBeLessThan(1860)
  })

  test('duplicate takes each request twice', async () => {
    const { send, seen, repeated } = await setUp('duplicate')
    expect([(await send(1, 3)).status, seen(), repeated()]).toEqual([200, [1, 2, 3], 3])
  })
})

test('a port that somebody has taken meanwhile is opened when they give it back', async () => {
  const clock = new VirtualClock()
  const opened: number[] = []
  const misbehaviour = new Misbehaviour(new Ledger({ clock, counts: true }).take, {
    clock,
    random: seeded(1),
    async onPort(open) {
      if (!open) return
      if (clock.now() < 3000) throw new Error('in use')
      opened.push(clock.now())
    },
  })
  await misbehaviour.become([parseFault('refuse@1s..2s')])
  await clock.advance(10_000)
  expect([opened, clock.pending]).toEqual([[3000], 0])
})

describe('several faults', () => {
  test('meet a request in their order', async () => {
    const { send, seen, repeated } = await setUp('duplicate', 'drop=1', 'partial=2')
    expect(await send(1, 4)).toMatchObject({ status: 200, rejected: 1 })
    expect([seen(), repeated()]).toEqual([[3, 4], 2])
  })

  test('a chance meets its share of the requests', async () => {
    const { send, ledger } = await setUp('status=503:25%')
    for (let request = 1; request <= 400; request++) await ledger.note(send(request)).catch(() => {})
    expect(ledger.refused.get(503)).toBeGreaterThan(70)
    expect(ledger.refused.get(503)).toBeLessThan(130)
  })

  test('a port that is still closing when it is wanted again is opened', async () => {
    const clock = new VirtualClock()
    const port: boolean[] = []
    const misbehaviour = new Misbehaviour(new Ledger({ clock, counts: true }).take, {
      clock,
      random: seeded(1),
      async onPort(open) {
        await new Promise(resolve => setImmediate(resolve))
        port.push(open)
      },
    })
    await Promise.all([misbehaviour.become([parseFault('refuse')]), misbehaviour.become([])])
    expect(port).toEqual([false, true])
  })

  test('new faults end the old ones', async () => {
    const { misbehaviour, send, port } = await setUp('refuse')
    await misbehaviour.become([])
    expect([port, (await send()).status]).toEqual([[false, true], 200])
  })
})
