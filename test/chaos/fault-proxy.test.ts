import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { behaviourOf } from '../../src/chaos/behaviours.ts'
import { FaultProxy } from '../../src/chaos/fault-proxy/fault-proxy.ts'
import { GRPC, OTLP_METHODS } from '../../src/core/grpc.ts'
import type { Address } from '../../src/core/host.ts'
import { judgeCall, judgeReply } from '../../src/otlp/reply.ts'
import { transcode } from '../../src/otlp/transcode.ts'
import { parseFault } from '../../src/sink/parse-fault.ts'
import { Sink } from '../../src/sink/sink.ts'
import { freePorts } from '../integration/collector-process.ts'
import { testHost } from '../real-host.ts'

const RUN = '00000000000000ab'
const host = testHost()
afterAll(() => host.network.close())

const numbered = (number: number) => {
  const id = number.toString(16).padStart(16, '0')
  return { traceId: RUN + id, spanId: id, name: 'x' }
}
const request = (...numbers: number[]) =>
  new TextEncoder().encode(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: numbers.map(numbered) }] }] }))

describe.each(['http', 'grpc'] as const)('before a backend that speaks %s', wire => {
  let [backend, proxy, at]: [Sink, FaultProxy, Address] = [] as never
  const open = async () => {
    const [port] = (await freePorts(1)) as [number]
    at = { host: '127.0.0.1', port }
    backend = new Sink({ [wire]: { host: '127.0.0.1', port: 0 } }, host)
    await backend.open()
    proxy = new FaultProxy({ wire, listen: at, upstream: backend.address(wire) as Address, seed: 1 }, host)
    await proxy.open()
  }
  beforeAll(open)
  afterAll(async () => {
    await proxy.close()
    await backend.close()
  })

  /** A request of spans to the proxy, as a sender sees its answer. */
  async function send(numbers: readonly number[], timeoutMs = 2000) {
    const body = request(...numbers)
    const url = `http://${at.host}:${at.port}`
    if (wire === 'http') {
      const json = { 'content-type': 'application/json', 'x-token': 'kept' }
      return judgeReply(
        await host.network.request({ method: 'POST', url: `${url}/v1/traces`, headers: json, body, timeoutMs }),
        0,
      )
    }
    const { body: packed } = transcode({ signal: 'traces', encoding: 'json', body }, 'protobuf')
    return judgeCall(
      await host.network.call({ url, path: OTLP_METHODS.traces, headers: { 'x-token': 'kept' }, body: packed, timeoutMs }),
    )
  }
  const arrived = () => backend.ledger.tally.of(RUN).traces.seen.size
  const status = (http: number, grpc: number) => (wire === 'http' ? http : grpc)

  test('everything passes, with its headers, and the answer comes back', async () => {
    const before = arrived()
    expect(await send([1, 2, 3])).toEqual({ kind: 'accepted', rejected: 0 })
    expect(arrived() - before).toBe(3)
  })

  test("the backend's own refusal is passed on, with its words and when to come back", async () => {
    await backend.become([parseFault('status=429,retry-after=2s,message=too much')])
    expect(await send([4])).toMatchObject({
      kind: 'try-later',
      afterMs: 2000,
      message: 'too much',
      status: status(429, GRPC.RESOURCE_EXHAUSTED),
    })
    await backend.become([])
  })

  test('a partial success of the backend is one of the proxy', async () => {
    await backend.become([parseFault('partial=1')])
    expect(await send([5, 6])).toMatchObject({ kind: 'accepted', rejected: 1 })
    await backend.become([])
  })

  test('reject: nothing reaches the backend', async () => {
    const before = arrived()
    await proxy.become(behaviourOf('reject', { kind: 'reject', on: 'x', status: 503 }))
    expect(await send([10])).toMatchObject({ kind: 'try-later', status: status(503, GRPC.UNAVAILABLE) })
    await proxy.become()
    expect(arrived()).toBe(before)
    expect(await send([10])).toMatchObject({ kind: 'accepted' })
  })

  test('partial success: what was rejected is not passed on, and the rest is', async () => {
    const before = arrived()
    await proxy.become(parseFault('partial=2'))
    expect(await send([20, 21, 22, 23, 24])).toMatchObject({ kind: 'accepted', rejected: 2 })
    await proxy.become(behaviourOf('partial-success', { kind: 'partial-success', on: 'x', share: 1 }))
    expect(await send([25])).toMatchObject({ kind: 'accepted', rejected: 1 })
    await proxy.become()
    expect(arrived() - before).toBe(3)
  })

  test('reset: the sender cannot know, and the backend has nothing', async () => {
    const before = arrived()
    await proxy.become(behaviourOf('reset', { kind: 'reset', on: 'x' }))
    expect((await send([30])).kind).toMatch(/unknown|try-later/)
    await proxy.become()
    expect(arrived()).toBe(before)
  })

  test('latency: late, and complete', async () => {
    await proxy.become(behaviourOf('latency', { kind: 'latency', on: 'x', latencyMs: 300 }))
    const since = performance.now()
    expect(await send([40])).toMatchObject({ kind: 'accepted' })
    expect(performance.now() - since).toBeGreaterThanOrEqual(290)
    await proxy.become()
  })

  test('partition: no answer; what its sender gave up on is not passed on afterwards', async () => {
    const before = arrived()
    await proxy.become(behaviourOf('partition', { kind: 'partition', on: 'x' }))
    expect(await send([50], 300)).toMatchObject({ kind: 'unknown', timedOut: true })
    // Its end of the connection has to be heard of.
    await sleep(50)
    await proxy.become()
    expect(await send([51])).toMatchObject({ kind: 'accepted' })
    expect(arrived() - before).toBe(1)
  })

  test('a backend that is gone is told as such: the sender may try again elsewhere', async () => {
    await backend.close()
    expect(await send([60])).toMatchObject({
      kind: 'try-later',
      status: status(502, GRPC.UNAVAILABLE),
      message: expect.stringContaining('fault proxy'),
    })
    await proxy.close()
    await open()
  })
})
