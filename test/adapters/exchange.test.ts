import { createSocket } from 'node:dgram'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, expect, test } from 'vitest'
import { services } from '../../src/adapters/lookup.ts'
import { lazyNetwork } from '../../src/adapters/network.ts'
import type { Body, Interruption, Pieces, StreamHandler } from '../../src/core/host.ts'
import { inPieces, wholeText } from '../../src/core/pieces.ts'

const network = lazyNetwork()
const loopback = { host: '127.0.0.1', port: 0 }
const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})
afterAll(() => network.close())

async function serving(handle: StreamHandler) {
  const listener = await network.serve(loopback, handle)
  ends.push(() => listener.close())
  return { listener, url: `http://127.0.0.1:${listener.port}` }
}

const text = (body: Body | undefined) => wholeText(body ?? new Uint8Array())

async function* pieces(...all: string[]): Pieces {
  for (const one of all) yield Buffer.from(one)
}

const request = (url: string, extra = {}) => network.exchange({ method: 'POST', url, timeoutMs: 5000, ...extra })

test('bodies go both ways in pieces, with method, path, query and repeated headers as they are', async () => {
  const { url } = await serving(async ({ method, target, headers, body }) => ({
    status: 201,
    headers: { 'set-cookie': ['a=1', 'b=2'], 'x-seen': `${method} ${target} ${headers['x-own']}` },
    body: pieces('<', await text(body), '>'),
  }))
  const reply = await request(`${url}/v1/x?y=1`, { method: 'PATCH', headers: { 'x-own': 'z' }, body: pieces('one ', 'two') })
  if (reply.kind !== 'answer') throw new Error(reply.reason)
  expect(reply.status).toBe(201)
  expect(reply.headers).toMatchObject({ 'set-cookie': ['a=1', 'b=2'], 'x-seen': 'PATCH /v1/x?y=1 z' })
  expect(await text(reply.body)).toBe('<one two>')
})

test.each([
  [304, 100],
  [304, 100_000],
  [204, undefined],
])('an answer of %i with a length of %s is whole without a body', async (status, length) => {
  const server = createServer((_, response) =>
    response.writeHead(status, length === undefined ? {} : { 'content-length': length, etag: '"x"' }).end(),
  ).listen(0, '127.0.0.1')
  ends.push(() => server.close())
  await new Promise(resolve => server.once('listening', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  for (let turn = 0; turn < 2; turn++) {
    const reply = await request(url, { method: 'GET' })
    if (reply.kind !== 'answer') throw new Error(reply.reason)
    expect([reply.status, reply.headers['content-length'], await text(reply.body)]).toEqual([
      status,
      length === undefined ? undefined : String(length),
      '',
    ])
  }
})

test('the first piece of an answer is there before the last is written', async () => {
  let go = () => {}
  const held = new Promise<void>(resolve => {
    go = resolve
  })
  const { url } = await serving(async () => ({
    status: 200,
    body: (async function* () {
      yield Buffer.from('first')
      await held
      yield Buffer.from('last')
    })(),
  }))
  const reply = await request(url)
  if (reply.kind !== 'answer') throw new Error(reply.reason)
  const iterator = inPieces(reply.body)[Symbol.asyncIterator]()
  expect(Buffer.from((await iterator.next()).value as Uint8Array).toString()).toBe('first')
  go()
  expect(Buffer.from((await iterator.next()).value as Uint8Array).toString()).toBe('last')
})

test('a body is not touched when there is no connection', async () => {
  let touched = false
  const body = (async function* () {
    touched = true
    yield Buffer.from('x')
  })()
  expect(await request('http://127.0.0.1:1/', { body })).toMatchObject({ kind: 'not-sent', problem: 'refused' })
  expect([touched, await text(body)]).toEqual([false, 'x'])
})

test('a server that goes away gives no answer; one that stops in the middle of it, an error while reading', async () => {
  const server = createServer((asked, response) => {
    if (asked.url === '/none') asked.socket.resetAndDestroy()
    else response.write('half', () => asked.socket.resetAndDestroy())
  }).listen(0, '127.0.0.1')
  ends.push(() => server.close())
  await new Promise(resolve => server.once('listening', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  expect(await request(`${url}/none`)).toMatchObject({ kind: 'no-answer', timedOut: false })
  const reply = await request(`${url}/half`)
  if (reply.kind !== 'answer') throw new Error(reply.reason)
  await expect(text(reply.body)).rejects.toThrow()
})

test('no answer in time is told as such, and so is one that stalls', async () => {
  const { url } = await serving(async ({ target }) => {
    if (target === '/late') await new Promise(resolve => setTimeout(resolve, 10_000).unref())
    return {
      status: 200,
      body: (async function* () {
        yield Buffer.from('x')
        await new Promise(resolve => setTimeout(resolve, 10_000).unref())
      })(),
    }
  })
  expect(await request(`${url}/late`, { timeoutMs: 1000 })).toMatchObject({ kind: 'no-answer', timedOut: true })
  const reply = await request(url, { timeoutMs: 1000 })
  if (reply.kind !== 'answer') throw new Error(reply.reason)
  await expect(text(reply.body)).rejects.toThrow('stopped in the middle')
})

test('a client that goes is noticed, and a body that fails resets the connection to the client', async () => {
  let gone: Interruption | undefined
  const { url } = await serving(async asked => {
    gone = asked.gone
    if (asked.target === '/hang') return new Promise(() => {})
    return {
      status: 200,
      body: (async function* () {
        yield Buffer.from('x')
        await new Promise(resolve => setTimeout(resolve, 50))
        throw new Error('broken')
      })(),
    }
  })
  const caller = new AbortController()
  const pending = request(`${url}/hang`, { signal: caller.signal })
  await expect.poll(() => gone !== undefined).toBe(true)
  caller.abort(new Error('enough'))
  await expect(pending).rejects.toThrow('enough')
  await expect.poll(() => gone?.aborted).toBe(true)
  const reply = await request(url)
  if (reply.kind !== 'answer') throw new Error(reply.reason)
  await expect(text(reply.body)).rejects.toThrow()
})

test('a draining server ends what is under way, and takes nothing new', async () => {
  let answer: (() => void) | undefined
  const { listener, url } = await serving(async () => {
    await new Promise<void>(resolve => {
      answer = resolve
    })
    return { status: 200, body: 'done' }
  })
  const pending = request(url)
  await expect.poll(() => answer).toBeDefined()
  const drained = listener.drain(10_000)
  await expect.poll(async () => (await request(url)).kind).toBe('not-sent')
  answer?.()
  const reply = await pending
  expect(reply.kind === 'answer' && (await text(reply.body))).toBe('done')
  await drained
})

test('a connection is tried and told', async () => {
  const { listener } = await serving(async () => ({ status: 200 }))
  expect(await network.connect({ host: '127.0.0.1', port: listener.port }, 1000)).toEqual({ kind: 'open' })
  expect(await network.connect({ host: '127.0.0.1', port: 1 }, 1000)).toMatchObject({ kind: 'not-sent', problem: 'refused' })
})

test('SRV records are read from a name server, none from one that has none, and a dead one is told', async () => {
  const server = createSocket('udp4')
  ends.push(() => server.close())
  server.on('message', (query, { port }) => server.send(srvAnswer(query), port, '127.0.0.1'))
  await new Promise<void>(resolve => server.bind(0, '127.0.0.1', resolve))
  const at = [`127.0.0.1:${server.address().port}`]
  expect(await services('_otlp._tcp.example.test', at)).toEqual([
    { name: 'near.example.test', port: 4318, priority: 1, weight: 3 },
  ])
  expect(await services('_none._tcp.example.test', at)).toEqual([])
  await expect(services('_otlp._tcp.example.test', ['127.0.0.1:1'])).rejects.toThrow('no answer')
})

/** A name server of one record: an answer of SRV 1 3 4318 near.example.test, or NXDOMAIN for a name that starts with _none. */
function srvAnswer(query: Buffer): Buffer {
  const question = query.subarray(12, query.indexOf(0, 12) + 5)
  const header = Buffer.from(query.subarray(0, 12))
  const known = !question.includes('_none')
  header.writeUInt16BE(known ? 0x8180 : 0x8183, 2)
  header.writeUInt16BE(known ? 1 : 0, 6)
  header.writeUInt16BE(0, 10)
  if (!known) return Buffer.concat([header, question])
  const target = Buffer.concat(['near', 'example', 'test', ''].map(label => Buffer.from([label.length, ...Buffer.from(label)])))
  const fixed = Buffer.alloc(18)
  for (const [value, at] of [
    [0xc00c, 0],
    [33, 2],
    [1, 4],
    [6 + target.length, 10],
    [1, 12],
    [3, 14],
    [4318, 16],
  ] as const) {
    fixed.writeUInt16BE(value, at)
  }
  return Buffer.concat([header, question, fixed, target])
}
