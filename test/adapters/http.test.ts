import { createServer, type Server, type Socket } from 'node:net'
import * as zlib from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import { lazyNetwork } from '../../src/adapters/network.ts'
import type { HttpHandler, Listener } from '../../src/core/host.ts'

const network = lazyNetwork()
const open: { close(): unknown }[] = []
afterEach(async () => {
  for (const each of open.splice(0)) await each.close()
})

async function serve(handle: HttpHandler): Promise<Listener> {
  const listener = await network.listen({ host: '127.0.0.1', port: 0 }, handle)
  open.push(listener)
  return listener
}

/** A server that speaks whatever it likes. */
async function raw(onData: (socket: Socket) => void): Promise<number> {
  const server: Server = createServer(socket => {
    socket.on('error', () => {})
    socket.once('data', () => onData(socket))
  })
  open.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as { port: number }).port
}

const plain = Buffer.alloc(100_000, 'a')
const huge = Buffer.alloc(21 * 1024 * 1024)
// By zstd 1.5 of 100,000 times `a` and of 21 MiB of zeros.
const PACKED: Record<string, Buffer> = {
  gzip: zlib.gzipSync(plain),
  deflate: zlib.deflateSync(plain),
  zstd: Buffer.from('KLUv/QRYVQAAEGFhAQCbhjnAAi9O/v0=', 'base64'),
}
const BOMBS: Record<string, Buffer> = {
  gzip: zlib.gzipSync(huge),
  deflate: zlib.deflateSync(huge),
  zstd: Buffer.from(
    'KLUv/QRoTAAACAABAPz/ORACAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAMAEACwVTOq',
    'base64',
  ),
}

const request = (port: number, more: object = {}) =>
  network.request({
    method: 'POST',
    url: `http://127.0.0.1:${port}/v1/traces`,
    body: Buffer.from('{}'),
    timeoutMs: 2000,
    ...more,
  })

describe('a request and its answer', () => {
  test('come through, body and headers', async () => {
    const { port } = await serve(({ method, path, headers, body }) => ({
      status: 201,
      headers: { 'x-echo': String(headers['x-in']) },
      body: `${method} ${path} ${Buffer.from(body)}`,
    }))
    const reply = await request(port, { headers: { 'x-in': 'yes' } })
    expect(reply).toMatchObject({ kind: 'answer', status: 201, headers: { 'x-echo': 'yes' } })
    expect(reply.kind === 'answer' && Buffer.from(reply.body).toString()).toBe('POST /v1/traces {}')
  })

  test('a gzip body arrives unpacked, and one that only says so is a bad request', async () => {
    const { port } = await serve(({ body }) => ({ status: 200, body }))
    const headers = { 'content-encoding': 'gzip' }
    const good = await request(port, { headers, body: zlib.gzipSync('hello') })
    expect(good.kind === 'answer' && Buffer.from(good.body).toString()).toBe('hello')
    expect(await request(port, { headers })).toMatchObject({ kind: 'answer', status: 400 })
  })

  test.each(['gzip', 'deflate', 'zstd'])(
    '%s arrives unpacked, damaged it is a bad request, and a bomb is not unpacked',
    async as => {
      const { port } = await serve(({ body }) => ({ status: 200, body: String(body.length) }))
      const text = (body: Uint8Array) => request(port, { headers: { 'content-encoding': as }, body })
      const good = await text(PACKED[as] as Uint8Array)
      expect(good.kind === 'answer' && Buffer.from(good.body).toString()).toBe('100000')
      expect(await text((PACKED[as] as Buffer).subarray(0, -5))).toMatchObject({ kind: 'answer', status: 400 })
      expect(await text(BOMBS[as] as Uint8Array)).toMatchObject({ kind: 'answer', status: 400 })
    },
  )

  test('an encoding that nobody knows is a bad request', async () => {
    const { port } = await serve(() => ({ status: 200 }))
    expect(await request(port, { headers: { 'content-encoding': 'br' } })).toMatchObject({ kind: 'answer', status: 400 })
  })

  test('the client packs with gzip, and with zstd where Node can', async () => {
    const { port } = await serve(({ headers, body }) => ({ status: 200, body: `${headers['content-encoding']} ${body.length}` }))
    const said = async (compression: string) => {
      const reply = await request(port, { compression, body: Buffer.alloc(50_000, 'a') })
      return reply.kind === 'answer' && Buffer.from(reply.body).toString()
    }
    expect(await said('gzip')).toBe('gzip 50000')
    if ('zstdCompress' in zlib) expect(await said('zstd')).toBe('zstd 50000')
    else await expect(said('zstd')).rejects.toMatchObject({ code: 'wrong-use' })
  })

  test('an answer over the limit is not read on', async () => {
    const { port } = await serve(() => ({ status: 200, body: Buffer.alloc(5 * 1024 * 1024) }))
    expect(await request(port)).toMatchObject({ kind: 'answer', status: 200, oversized: true, body: new Uint8Array() })
  })

  test('a body over the limit is a bad request', async () => {
    const { port } = await serve(() => ({ status: 200 }))
    expect(await request(port, { body: Buffer.alloc(21 * 1024 * 1024), timeoutMs: 10_000 })).toMatchObject({ status: 400 })
  })
})

describe('without an answer it is told what may have happened', () => {
  test('nobody listens: not sent', async () => {
    const listener = await serve(() => ({ status: 200 }))
    await listener.close()
    expect(await request(listener.port)).toEqual({ kind: 'not-sent', reason: 'connection refused', problem: 'refused' })
  })

  test('no such host: not sent', async () => {
    expect(await network.request({ method: 'GET', url: 'http://nobody.invalid/', timeoutMs: 5000 })).toMatchObject({
      kind: 'not-sent',
    })
  })

  test('silence: no answer, in time', async () => {
    const port = await raw(() => {})
    expect(await request(port, { timeoutMs: 100 })).toMatchObject({ kind: 'no-answer', timedOut: true })
  })

  test('silence in the middle of an answer', async () => {
    const port = await raw(socket => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf'))
    expect(await request(port, { timeoutMs: 100 })).toMatchObject({ kind: 'no-answer', timedOut: true })
  })

  test('reset after the request: no answer, and it may have been taken', async () => {
    const port = await raw(socket => socket.resetAndDestroy())
    expect(await request(port)).toMatchObject({ kind: 'no-answer', timedOut: false })
  })

  test('something that is not HTTP', async () => {
    const port = await raw(socket => socket.end('220 smtp ready\r\n'))
    expect(await request(port)).toMatchObject({ kind: 'no-answer', timedOut: false })
  })

  test('an abort of the caller is the caller’s', async () => {
    const port = await raw(() => {})
    const controller = new AbortController()
    const pending = request(port, { signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(pending).rejects.toThrow('enough')
  })
})

test('a listener that closes resets what is open, and its port is free again', async () => {
  let hold: (() => void) | undefined
  const first = await serve(async () => {
    await new Promise<void>(resolve => {
      hold = resolve
    })
    return { status: 200 }
  })
  const pending = request(first.port)
  while (!hold) await new Promise(resolve => setImmediate(resolve))
  await first.close()
  expect(await pending).toMatchObject({ kind: 'no-answer', timedOut: false })
  open.push(await network.listen(first, () => ({ status: 200 })))
  expect(await request(first.port)).toMatchObject({ status: 200 })
})

test('a handler is told when its client has gone', async () => {
  let gone: boolean | undefined
  const { port } = await serve(async ({ abandoned }) => {
    await new Promise(resolve => setTimeout(resolve, 150))
    gone = abandoned()
    return { status: 200 }
  })
  await request(port, { timeoutMs: 50 })
  await new Promise(resolve => setTimeout(resolve, 200))
  expect(gone).toBe(true)
})

test('a port in use is named, with its holder', async () => {
  const { port } = await serve(() => ({ status: 200 }))
  await expect(network.listen({ host: '127.0.0.1', port }, () => ({ status: 200 }))).rejects.toMatchObject({
    code: 'port-in-use',
    // Flags are known to each command alone.
    hint: 'Stop what holds it, or listen on another port.',
    message: expect.stringMatching(
      process.platform === 'linux'
        ? new RegExp(`^port ${port} on 127.0.0.1 is in use by .+ \\(pid ${process.pid}\\)$`)
        : /in use/,
    ),
  })
})
