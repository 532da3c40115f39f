import { connect, type Settings } from 'node:http2'
import { createServer, type Server, type Socket } from 'node:net'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { lazyNetwork } from '../../src/adapters/network.ts'
import { GRPC, OTLP_METHODS } from '../../src/core/grpc.ts'
import type { GrpcHandler, Listener, ServedCall } from '../../src/core/host.ts'

const network = lazyNetwork()
const open: { close(): unknown }[] = []
afterEach(async () => {
  for (const each of open.splice(0)) await each.close()
})
afterAll(() => network.close())

async function serve(handle: GrpcHandler, port = 0): Promise<Listener> {
  const listener = await network.listenGrpc({ host: '127.0.0.1', port }, handle)
  open.push(listener)
  return listener
}

/** A server that speaks whatever it likes. */
async function raw(onSocket: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>()
  const server: Server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => {})
    onSocket(socket)
  })
  open.push({
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as { port: number }).port
}

const call = (port: number, more: object = {}) =>
  network.call({
    url: `http://127.0.0.1:${port}`,
    path: OTLP_METHODS.traces,
    body: Buffer.from('hello'),
    timeoutMs: 2000,
    ...more,
  })

const ok = { kind: 'answer', code: GRPC.OK, message: '', retryDelayMs: undefined }

describe('a call and its answer', () => {
  test('come through, body and headers', async () => {
    const seen: ServedCall[] = []
    const { port } = await serve(request => {
      seen.push(request)
      return { code: 0, body: Buffer.from([1, 2, 3]) }
    })
    expect(await call(port, { headers: { 'x-in': 'yes' } })).toEqual({ ...ok, body: Buffer.from([1, 2, 3]) })
    expect(seen).toMatchObject([{ path: OTLP_METHODS.traces, headers: { 'x-in': 'yes' }, body: Buffer.from('hello') }])
  })

  test('gzip arrives unpacked', async () => {
    const body = Buffer.alloc(100_000, 'a')
    const { port } = await serve(request => ({ code: 0, body: request.body.subarray(0, 3) }))
    expect(await call(port, { body, compression: 'gzip' })).toEqual({ ...ok, body: Buffer.from('aaa') })
  })

  test('a status with its message and RetryInfo', async () => {
    const { port } = await serve(() => ({ code: GRPC.UNAVAILABLE, message: 'später', retryDelayMs: 1500 }))
    expect(await call(port)).toMatchObject({ kind: 'answer', code: GRPC.UNAVAILABLE, message: 'später', retryDelayMs: 1500 })
  })

  test.each(Object.entries(GRPC).filter(([name]) => name !== 'OK'))(
    '%s is an answer when the server gives it',
    async (_, code) => {
      const { port } = await serve(() => ({ code, message: 'Connection dropped' }))
      expect(await call(port)).toMatchObject({ kind: 'answer', code, retryDelayMs: undefined })
    },
  )

  test('a method that is not served is UNIMPLEMENTED', async () => {
    const { port } = await serve(() => ({ code: 0 }))
    expect(await call(port, { path: '/x.Y/Z' })).toMatchObject({ kind: 'answer', code: GRPC.UNIMPLEMENTED })
  })

  test('an answer over the limit is refused by the client', async () => {
    const { port } = await serve(() => ({ code: 0, body: Buffer.alloc(5 * 1024 * 1024) }))
    expect(await call(port)).toMatchObject({ kind: 'answer', code: GRPC.RESOURCE_EXHAUSTED, retryDelayMs: undefined })
  })
})

test('a request of a megabyte need not wait for the server to open its window', async () => {
  const { port } = await serve(() => ({ code: 0 }))
  const session = connect(`http://127.0.0.1:${port}`)
  const settings = await new Promise<Settings>(resolve => session.once('remoteSettings', resolve))
  expect(settings.initialWindowSize).toBe(1024 * 1024)
  await expect.poll(() => session.state.remoteWindowSize).toBeGreaterThanOrEqual(4 * 1024 * 1024)
  session.destroy()
})

describe('without an answer it is told what may have happened', () => {
  test('nobody listens: not sent', async () => {
    const listener = await serve(() => ({ code: 0 }))
    await listener.close()
    expect(await call(listener.port)).toEqual({ kind: 'not-sent', reason: 'connection refused', problem: 'refused' })
  })

  test('no such host: not sent', async () => {
    expect(await call(1, { url: 'http://nobody.invalid:4317' })).toMatchObject({ kind: 'not-sent', reason: 'no such host' })
  })

  test('accepted, then silence before HTTP/2 has begun: not sent', async () => {
    const port = await raw(() => {})
    expect(await call(port, { timeoutMs: 200 })).toMatchObject({ kind: 'not-sent', reason: 'no connection in time' })
  })

  test('accepted and reset before HTTP/2 has begun: not sent', async () => {
    const port = await raw(socket => socket.resetAndDestroy())
    expect(await call(port)).toMatchObject({ kind: 'not-sent' })
  })

  test('a server of another protocol: not sent', async () => {
    const port = await raw(socket => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    expect(await call(port)).toMatchObject({ kind: 'not-sent' })
  })

  test('silence after the request: no answer, in time', async () => {
    const { port } = await serve(() => new Promise(() => {}))
    expect(await call(port, { timeoutMs: 200 })).toEqual({ kind: 'no-answer', reason: 'no answer in time', timedOut: true })
  })

  test('a server that says itself that the time is over: no answer', async () => {
    const over = { code: GRPC.DEADLINE_EXCEEDED }
    const late = (ms: number) => new Promise<typeof over>(resolve => setTimeout(() => resolve(over), ms))
    const { port } = await serve(({ body, timeoutMs = 0 }) => (body.length === 0 ? { code: 0 } : late(timeoutMs - 1)))
    // Connected first, and all at once: with a longer limit also a busy machine has the calls under way before it is over.
    expect(await call(port, { body: Buffer.alloc(0) })).toMatchObject(ok)
    const replies = await Promise.all(Array.from({ length: 10 }, () => call(port, { timeoutMs: 1000 })))
    for (const reply of replies) expect(reply).toMatchObject({ kind: 'no-answer', timedOut: true })
  })

  test('closed after the request: no answer', async () => {
    const listener = await serve(async () => {
      await listener.close()
      return { code: 0 }
    })
    expect(await call(listener.port)).toMatchObject({ kind: 'no-answer', timedOut: false })
  })

  test('a server that is back is called at once', async () => {
    const first = await serve(() => ({ code: 0 }))
    expect(await call(first.port)).toMatchObject(ok)
    await first.close()
    await new Promise(resolve => setTimeout(resolve, 50))
    expect(await call(first.port)).toMatchObject({ kind: 'not-sent' })
    await serve(() => ({ code: 0 }), first.port)
    const before = performance.now()
    expect(await call(first.port)).toMatchObject(ok)
    expect(performance.now() - before).toBeLessThan(500)
  })

  test('an interrupted call rejects with the reason', async () => {
    const { port } = await serve(() => new Promise(() => {}))
    const stop = new AbortController()
    const pending = call(port, { signal: stop.signal })
    setTimeout(() => stop.abort(new Error('enough')), 50)
    await expect(pending).rejects.toThrow('enough')
  })
})

test('a port in use is said with its holder', async () => {
  const { port } = await serve(() => ({ code: 0 }))
  await expect(serve(() => ({ code: 0 }), port)).rejects.toMatchObject({ code: 'port-in-use' })
})

test('a client that has given up is told to the handler', async () => {
  let abandoned: (() => boolean) | undefined
  const { port } = await serve(request => {
    abandoned = request.abandoned
    return new Promise(() => {})
  })
  await call(port, { timeoutMs: 100 })
  await expect.poll(() => abandoned?.()).toBe(true)
})

test('a call that breaks the connection off leaves others the answers that they were given', async () => {
  let calls = 0
  const { port } = await serve(() => ({ code: 0, reset: ++calls === 8 }))
  const replies = await Promise.all(Array.from({ length: 8 }, () => call(port)))
  expect(replies.filter(({ kind }) => kind === 'answer')).toHaveLength(7)
  expect(replies.filter(({ kind }) => kind === 'no-answer')).toHaveLength(1)
})
