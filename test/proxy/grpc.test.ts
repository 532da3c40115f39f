import { once } from 'node:events'
import { connect, type OutgoingHttpHeaders } from 'node:http2'
import { gzipSync } from 'node:zlib'
import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js'
import { afterEach, expect, test } from 'vitest'
import { GRPC, OTLP_METHODS } from '../../src/core/grpc.ts'
import type { GrpcHandler, ServedCall } from '../../src/core/host.ts'
import { readProxyConfig } from '../../src/proxy/config.ts'
import { startProxy } from '../../src/proxy/proxy.ts'
import { testHost } from '../real-host.ts'

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})
const wait = { timeout: 5000, interval: 10 }
const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))
const same = (bytes: Buffer) => bytes

async function proxied(handle: GrpcHandler, more = '') {
  const host = testHost()
  ends.push(() => host.network.close())
  const backend = await host.network.listenGrpc({ host: '127.0.0.1', port: 0 }, handle)
  ends.push(() => backend.close())
  const yaml = `
drain: 3s
listeners:
  - listen: 127.0.0.1:0
    protocol: grpc
    endpoints: ['http://127.0.0.1:${backend.port};id=a']
    ${more}
`
  const proxy = await startProxy(readProxyConfig('proxy.yaml', yaml), host, () => {})
  ends.push(() => proxy.drain())
  const client = new Client(`127.0.0.1:${proxy.doors[0]!.port}`, credentials.createInsecure())
  ends.push(() => client.close())
  const words: string[] = []
  /** A call as any client makes it: its code, and a way to give it up. */
  const call = (deadline?: number, metadata = new Metadata()) => {
    const options = deadline === undefined ? {} : { deadline }
    let cancel = () => {}
    const code = new Promise<number>(resolve => {
      const done = (error: ServiceError | null) => {
        if (error) words.push(error.details)
        resolve(error?.code ?? GRPC.OK)
      }
      const made = client.makeUnaryRequest(OTLP_METHODS.traces, same, same, Buffer.alloc(1), metadata, options, done)
      cancel = () => made.cancel()
    })
    return { code, cancel }
  }
  return { proxy, call, words }
}

/** What a client of HTTP/2 is answered: its gRPC status, or that the stream was broken off. */
const bare = async (port: number, headers: OutgoingHttpHeaders, message: Buffer): Promise<unknown> => {
  const session = connect(`http://127.0.0.1:${port}`)
  try {
    const stream = session.request({
      ':method': 'POST',
      ':path': OTLP_METHODS.traces,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...headers,
    })
    stream.resume().end(message)
    let status: unknown
    for (const event of ['response', 'trailers']) {
      stream.on(event, (fields: Record<string, unknown>) => {
        status = fields['grpc-status'] ?? status
      })
    }
    await once(stream, 'close')
    return status
  } finally {
    session.destroy()
  }
}

const framed = (body: Buffer, packed = 0) => {
  const head = Buffer.from([packed, 0, 0, 0, 0])
  head.writeUInt32BE(body.length, 1)
  return Buffer.concat([head, body])
}

test('what is of one connection or message only is not passed on; what a tracer or a tagger adds is', async () => {
  const seen: ServedCall[] = []
  const { proxy } = await proxied(call => {
    seen.push(call)
    return { code: GRPC.OK }
  })
  const message = framed(gzipSync(Buffer.alloc(5000)), 1)
  const headers = {
    'grpc-encoding': 'gzip',
    'grpc-timeout': '9S',
    'content-length': message.length,
    'grpc-trace-bin': Buffer.from('trace').toString('base64'),
    'grpc-tags-bin': Buffer.from('tags').toString('base64'),
    'grpc-previous-rpc-attempts': '1',
  }
  expect(await bare(proxy.doors[0]!.port, headers, message)).toBe('0')
  expect(seen[0]?.binary).toMatchObject({ 'grpc-trace-bin': Buffer.from('trace'), 'grpc-tags-bin': Buffer.from('tags') })
  expect(seen[0]?.headers).toMatchObject({ 'grpc-previous-rpc-attempts': '1' })
  expect(seen[0]?.body).toHaveLength(5000)
})

test('another limit of messages, which the listener cannot take on while it listens, is told and changes nothing', async () => {
  const { proxy, call } = await proxied(() => ({ code: GRPC.OK }))
  const [door] = proxy.doors
  door!.config = { ...door!.config, listen: { host: '127.0.0.1', port: door!.port } }
  const [listener] = readProxyConfig(
    'proxy.yaml',
    `listeners: [{listen: '127.0.0.1:${door!.port}', protocol: grpc, endpoints: [], limits: {body: 5}}]`,
  ).listeners
  const changed = proxy.reload({ admin: undefined, drainMs: 0, listeners: [listener!] })
  await expect(changed).rejects.toThrow('another limits.body of a gRPC listener needs a new start of the proxy')
  expect(await call().code).toBe(GRPC.OK)
})

test('metadata is passed on, also what is bytes', async () => {
  const seen: unknown[] = []
  const { call } = await proxied(({ headers, binary = {} }) => {
    seen.push(
      headers['x-own'],
      Object.entries(binary).map(([name, bytes]) => [name, ...bytes]),
    )
    return { code: GRPC.OK }
  })
  const metadata = new Metadata()
  metadata.set('x-own', 'o')
  metadata.set('x-own-bin', Buffer.from([0, 255]))
  expect(await call(undefined, metadata).code).toBe(GRPC.OK)
  expect(seen).toEqual(['o', [['x-own-bin', 0, 255]]])
})

test('a client that gives up ends its call at the endpoint, which is not blamed', async () => {
  const calls: (() => boolean)[] = []
  const { proxy, call } = await proxied(({ abandoned }) => {
    calls.push(abandoned)
    return new Promise(() => {})
  })
  const { code, cancel } = call()
  await expect.poll(() => calls.length, wait).toBe(1)
  cancel()
  expect(await code).toBe(GRPC.CANCELLED)
  await expect.poll(() => calls[0]?.(), wait).toBe(true)
  await expect.poll(() => proxy.doors[0]!.open, wait).toBe(0)
  expect(proxy.doors[0]!.manager.endpoints()[0]?.statistics.failures).toMatchObject({ 'no-answer': 0 })
})

test('the deadline of a client is the deadline of the endpoint, which has not answered then', async () => {
  const left: number[] = []
  const { proxy, call } = await proxied(({ timeoutMs = 0 }) => {
    left.push(timeoutMs)
    return new Promise(() => {})
  })
  expect(await call(Date.now() + 400).code).toBe(GRPC.DEADLINE_EXCEEDED)
  expect(left[0]).toBeLessThanOrEqual(400)
  await expect.poll(() => proxy.doors[0]!.manager.endpoints()[0]?.statistics.failures, wait).toMatchObject({ 'no-answer': 1 })
})

test('nothing is sent after the deadline of the client, which may have sent it again by then', async () => {
  let seen = 0
  const { call } = await proxied(() => {
    seen++
    return { code: GRPC.UNAVAILABLE }
  }, 'retry: {base: 600ms, jitter: none}')
  expect([GRPC.DEADLINE_EXCEEDED, GRPC.UNAVAILABLE]).toContain(await call(Date.now() + 300).code)
  await pause(800)
  expect(seen).toBe(1)
})

test('at the end calls under way are answered, and a client that goes on is sent away without a call that is cut off', async () => {
  const { proxy, call, words } = await proxied(async () => {
    await pause(100)
    return { code: GRPC.OK }
  })
  const under = Array.from({ length: 5 }, () => call())
  await expect.poll(() => proxy.doors[0]!.open, wait).toBe(5)
  let draining = true
  // So that there is no moment without a call.
  const more = Array.from({ length: 8 }, async (_, i) => {
    await pause(13 * i)
    while (draining) {
      const { code } = call()
      if ((await code) !== GRPC.OK) await pause(20)
    }
  })
  await pause(120)
  const startedAt = performance.now()
  await proxy.drain()
  expect(performance.now() - startedAt).toBeLessThan(2000)
  expect(await Promise.all(under.map(({ code }) => code))).toEqual(Array(5).fill(GRPC.OK))
  draining = false
  await Promise.all(more)
  // What came after the end found nobody; nothing was cut off.
  expect(words.filter(said => !said.includes('No connection established'))).toEqual([])
})
