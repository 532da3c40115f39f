import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, expect, test } from 'vitest'
import { OTLP_METHODS } from '../../src/core/grpc.ts'
import type { FailoverEvent } from '../../src/failover/events.ts'
import { readProxyConfig } from '../../src/proxy/config.ts'
import { startProxy } from '../../src/proxy/proxy.ts'
import { testHost } from '../real-host.ts'

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})
const wait = { timeout: 5000, interval: 10 }

interface Backend {
  url: string
  port: number
  seen: string[]
  answer: (request: IncomingMessage, response: ServerResponse, body: string) => void
  stop(): Promise<void>
  start(): Promise<void>
}

async function backend(answer: Backend['answer'] = (_, response) => response.end('ok')): Promise<Backend> {
  let server: Server
  const self: Backend = {
    url: '',
    port: 0,
    seen: [],
    answer,
    async stop() {
      const closed = new Promise(resolve => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
    async start() {
      server = createServer(async (request, response) => {
        let body = ''
        for await (const piece of request) body += piece
        self.seen.push(body)
        self.answer(request, response, body)
      })
      await new Promise<void>(resolve => server.listen(self.port, '127.0.0.1', resolve))
      self.port = (server.address() as AddressInfo).port
      self.url = `http://127.0.0.1:${self.port}`
    },
  }
  await self.start()
  ends.push(() => self.stop().catch(() => {}))
  return self
}

async function proxied(yaml: string) {
  const host = testHost()
  const events: FailoverEvent[] = []
  const proxy = await startProxy(readProxyConfig('proxy.yaml', yaml), host, (_, event) => events.push(event))
  ends.push(async () => {
    await proxy.drain()
    await host.network.close()
  })
  const url = () => `http://127.0.0.1:${proxy.doors[0]!.port}`
  return { host, proxy, events, url, types: () => events.map(({ type }) => type) }
}

const listener = (backends: readonly (Backend & { more?: string })[], more = '') => `
drain: 1s
listeners:
  - listen: 127.0.0.1:0
    endpoints: [${backends.map((one, i) => `{url: '${one.url}', id: '${'abc'[i]}'${one.more ? `, ${one.more}` : ''}}`).join(', ')}]
    ${more}
`
const post = (url: string, body: string | ReadableStream = 'x', path = '/v1/traces', init = {}) =>
  fetch(url + path, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json' },
    duplex: 'half',
    ...init,
  } as RequestInit)

test('forwards method, path, query, headers and body both ways, without what is for one hop only', async () => {
  const near = await backend((request, response, body) => {
    response.writeHead(207, { 'x-back': 'b', 'set-cookie': ['a=1', 'b=2'], connection: 'keep-alive' })
    response.end(JSON.stringify({ method: request.method, url: request.url, headers: request.headers, body }))
  })
  const { url } = await proxied(listener([near]))
  const answer = await post(url(), 'hello', '/x?y=1', { headers: { 'x-own': 'o', authorization: 'Bearer t' } })
  expect([answer.status, answer.headers.get('x-back'), answer.headers.getSetCookie()]).toEqual([207, 'b', ['a=1', 'b=2']])
  const seen = (await answer.json()) as { headers: Record<string, string> }
  expect(seen).toMatchObject({ method: 'POST', url: '/x?y=1', body: 'hello' })
  expect(seen.headers).toMatchObject({
    'x-own': 'o',
    authorization: 'Bearer t',
    via: '1.1 failoverctl',
    host: `127.0.0.1:${near.port}`,
    'x-forwarded-host': new URL(url()).host,
  })
})

test('of three backends in two regions, one stopped, one slow, one back: nothing that may be repeated is lost', async () => {
  const [near, slow, far] = [await backend(), await backend(), await backend()]
  slow.answer = (_, response) => void setTimeout(() => response.end('slow'), 50)
  const { url, proxy, events } = await proxied(`
listeners:
  - listen: 127.0.0.1:0
    strategy: geographic
    region: eu
    regions: [us]
    fail_back: 200ms
    breaker: { failures: 3, open: 150ms, successes: 1 }
    endpoints:
      - { url: '${near.url}', id: eu-1, region: eu, priority: 0 }
      - { url: '${slow.url}', id: eu-2, region: eu, priority: 1 }
      - { url: '${far.url}', id: us-1, region: us }
`)
  let sent = 0
  let lost = 0
  let running = true
  const traffic = (async () => {
    while (running) {
      const body = `request ${sent++}`
      const answer = await post(url(), body)
      if (answer.status !== 200) lost++
      await answer.text()
    }
  })()
  const current = () =>
    proxy.doors[0]!.manager.endpoints()
      .filter(one => one.current)
      .map(one => one.endpoint.id)
  await expect.poll(() => near.seen.length, wait).toBeGreaterThan(20)
  await near.stop()
  await expect.poll(current, wait).toEqual(['eu-2'])
  await slow.stop()
  await expect.poll(current, wait).toEqual(['us-1'])
  await expect.poll(() => far.seen.length, wait).toBeGreaterThan(20)
  await near.start()
  await expect.poll(current, wait).toEqual(['eu-1'])
  running = false
  await traffic
  const arrived = new Set([...near.seen, ...slow.seen, ...far.seen])
  // A request that was cut off in the middle may have arrived: it is answered with 502 and not sent twice.
  expect(lost).toBeLessThanOrEqual(2)
  expect(arrived.size).toBeGreaterThanOrEqual(sent - lost)
  expect(near.seen.length + slow.seen.length + far.seen.length).toBe(arrived.size)
  expect(events.filter(({ type }) => /^fail/.test(type)).map(event => 'to' in event && event.to)).toEqual([
    ['eu-2'],
    ['us-1'],
    ['eu-1'],
  ])
})

test('says 503 when nobody may be asked, 502 when one broke off, 504 when none answered in time, and passes a last answer on', async () => {
  const gone = await backend()
  await gone.stop()
  expect((await post((await proxied(listener([gone], 'retry: {base: 1ms}'))).url())).status).toBe(502)
  const open = await post((await proxied(listener([gone], 'breaker: {failures: 1, open: 7s, jitter: 0}'))).url())
  expect([open.status, open.headers.get('retry-after'), await open.text()]).toEqual([
    503,
    '7',
    'failoverctl proxy: CIRCUIT_OPEN: the breaker of every endpoint is open\n',
  ])

  const broken = await backend(request => request.socket.resetAndDestroy())
  expect((await post((await proxied(listener([broken]))).url())).status).toBe(502)

  const silent = await backend(() => {})
  expect((await post((await proxied(listener([silent], 'timeout: 1s'))).url())).status).toBe(504)

  const busy = await backend((_, response) => response.writeHead(503, { 'x-why': 'full' }).end('come back'))
  const last = await post((await proxied(listener([busy], 'retry: {base: 1ms}'))).url())
  expect([last.status, last.headers.get('x-why'), await last.text(), busy.seen.length]).toEqual([503, 'full', 'come back', 3])

  const empty = await proxied('listeners: [{listen: "127.0.0.1:0", endpoints: []}]')
  expect((await post(empty.url())).status).toBe(503)
})

test.each([
  ['an OTLP request that was turned away', 'POST', '/v1/logs', 503, 'ok', 2],
  ['an OTLP request that got no answer', 'POST', '/v1/logs', 0, 502, 1],
  ['a GET that got no answer', 'GET', '/any', 0, 'ok', 2],
  ['a POST of somebody else that was turned away', 'POST', '/any', 503, 503, 1],
])('%s is sent as often as it may be', async (_, method, path, status, end, times) => {
  let seen = 0
  const first: Backend['answer'] = (request, response) => {
    if (seen++ > 0) response.end('ok')
    else if (status === 0) request.socket.resetAndDestroy()
    else response.writeHead(status).end('turned away')
  }
  const [a, b] = [await backend(first), await backend(first)]
  const { url } = await proxied(listener([a, b], 'retry: {base: 1ms}'))
  const answer = await fetch(url() + path, { method, ...(method === 'POST' ? { body: 'x' } : {}) })
  expect(answer.status).toBe(end === 'ok' ? 200 : end)
  expect(a.seen.length + b.seen.length).toBe(times)
})

test('streams a body that is larger than what it holds, also to another endpoint when the first is not there', async () => {
  const [gone, there] = [await backend(), await backend((_, response, body) => void response.end(String(body.length)))]
  await gone.stop()
  const { url } = await proxied(listener([gone, there], 'limits: {held_body: 1000, body: 300000}'))
  const pieces = (count: number) => {
    let sent = 0
    return new ReadableStream({
      async pull(controller) {
        await new Promise(resolve => setTimeout(resolve, 1))
        if (sent++ < count) controller.enqueue(new Uint8Array(1000).fill(97))
        else controller.close()
      },
    })
  }
  expect(await (await post(url(), pieces(100))).text()).toBe('100000')
  expect(await (await post(url(), 'x'.repeat(200_000))).text()).toBe('200000')
  expect((await post(url(), 'x'.repeat(300_001))).status).toBe(413)
})

test.each([
  ['is too large', 413, 60_000, 1],
  ['does not come in time', 408, 1000, 100],
])('a streamed body that %s is answered with %d, and the endpoint is not blamed', async (_, status, bytes, gapMs) => {
  const near = createServer((request, response) => {
    request.on('error', () => {}).on('end', () => response.end('ok'))
    request.resume()
  }).listen(0, '127.0.0.1')
  await once(near, 'listening')
  ends.push(() => near.close())
  const { proxy } = await proxied(`
listeners:
  - listen: 127.0.0.1:0
    timeout: 300ms
    limits: {held_body: 10, body: 200000}
    endpoints: ['http://127.0.0.1:${(near.address() as AddressInfo).port}']
`)
  const { port, manager } = proxy.doors[0]!
  for (let i = 0; i < 6; i++) {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    let answer = ''
    socket.on('data', data => {
      answer += data
    })
    socket.write('POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n')
    for (let piece = 0; piece < 8 && answer === ''; piece++) {
      socket.write(`${bytes.toString(16)}\r\n${'x'.repeat(bytes)}\r\n`)
      await new Promise(resolve => setTimeout(resolve, gapMs))
    }
    await expect.poll(() => answer, wait).toContain(`HTTP/1.1 ${status} `)
    socket.destroy()
  }
  const [view] = manager.endpoints()
  expect([view?.breaker, view?.statistics.failures['no-answer']]).toEqual(['closed', 0])
})

test('passes the length of an answer to HEAD on, and no body with 204', async () => {
  const near = await backend((request, response) => {
    if (request.method === 'HEAD') response.writeHead(200, { 'content-length': 1234 }).end()
    else response.writeHead(204).end()
  })
  const { url } = await proxied(listener([near]))
  expect((await fetch(url(), { method: 'HEAD' })).headers.get('content-length')).toBe('1234')
  expect((await fetch(url(), { method: 'DELETE' })).status).toBe(204)
})

test('does not send a streamed body twice once a part of it is gone', async () => {
  const turnedAway: Backend['answer'] = (_, response) => response.writeHead(503).end()
  const [a, b] = [await backend(turnedAway), await backend(turnedAway)]
  const { url } = await proxied(listener([a, b], 'limits: {held_body: 10}'))
  expect((await post(url(), 'x'.repeat(100_000))).status).toBe(503)
  expect(a.seen.length + b.seen.length).toBe(1)
})

test('the first piece of an answer comes before the last is written, and a broken one is not taken for whole', async () => {
  let finish = () => {}
  const near = await backend((request, response) => {
    response.write('first')
    finish = request.url === '/broken' ? () => request.socket.resetAndDestroy() : () => response.end('last')
  })
  const { url } = await proxied(listener([near]))
  const reader = (await fetch(`${url()}/`)).body!.getReader()
  expect(new TextDecoder().decode((await reader.read()).value)).toBe('first')
  finish()
  expect(new TextDecoder().decode((await reader.read()).value)).toBe('last')
  const broken = await fetch(`${url()}/broken`)
  finish()
  await expect(broken.text()).rejects.toThrow()
})

test('turns away more requests at once than it may have, and stops at the endpoint what its client has left', async () => {
  let left = false
  const slow = await backend((request, response) => {
    request.socket.once('close', () => {
      left = true
    })
    response.on('error', () => {})
  })
  const { url } = await proxied(listener([slow], 'limits: {requests: 1}'))
  const client = new AbortController()
  const first = post(url(), 'x', '/v1/traces', { signal: client.signal }).catch(error => error.name)
  await expect.poll(() => slow.seen.length, wait).toBe(1)
  expect((await post(url())).status).toBe(503)
  client.abort()
  expect(await first).toBe('AbortError')
  await expect.poll(() => left, wait).toBe(true)
})

test('forwards gRPC, with metadata, statuses and failover', async () => {
  const host = testHost()
  const path = OTLP_METHODS.traces
  const seen: unknown[] = []
  const there = await host.network.listenGrpc({ host: '127.0.0.1', port: 0 }, ({ body, headers }) => {
    seen.push([new TextDecoder().decode(body), headers['x-own']])
    return seen.length === 2 ? { code: 3, message: 'bad data' } : { code: 0, body: new TextEncoder().encode('done') }
  })
  ends.push(() => there.close())
  const { proxy } = await proxied(`
listeners:
  - listen: 127.0.0.1:0
    protocol: grpc
    endpoints: ['http://127.0.0.1:1', 'http://127.0.0.1:${there.port}']
`)
  const call = () =>
    host.network.call({
      url: `http://127.0.0.1:${proxy.doors[0]!.port}`,
      path,
      headers: { 'x-own': 'o' },
      body: new TextEncoder().encode('payload'),
      timeoutMs: 5000,
    })
  const first = await call()
  expect(first.kind === 'answer' && [first.code, new TextDecoder().decode(first.body)]).toEqual([0, 'done'])
  expect(await call()).toMatchObject({ kind: 'answer', code: 3, message: 'bad data' })
  expect(seen[0]).toEqual(['payload', 'o'])
  await there.close()
  expect(await call()).toMatchObject({ kind: 'answer', code: 14 })
  await host.network.close()
})

test('shows figures, health, endpoints and events', async () => {
  const [gone, there] = [await backend(), await backend()]
  await gone.stop()
  const { url, proxy } = await proxied(
    `admin: 127.0.0.1:0\n${listener(
      [
        { ...gone, more: 'priority: 0' },
        { ...there, more: 'priority: 1' },
      ],
      'name: otlp',
    )}`,
  )
  await post(url())
  const ask = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${proxy.adminPort}${path}`)
    return { status: answer.status, text: await answer.text() }
  }
  const { text } = await ask('/metrics')
  for (const line of [
    'failoverctl_proxy_requests_total{listener="otlp",outcome="success"} 1',
    'failoverctl_proxy_failovers_total{listener="otlp"} 1',
    'failoverctl_proxy_endpoint_requests_total{endpoint="a",listener="otlp",outcome="not-sent"} 1',
    'failoverctl_proxy_endpoint_up{endpoint="b",listener="otlp"} 1',
    '# TYPE failoverctl_proxy_retries_total counter',
    'failoverctl_proxy_level{listener="otlp"} 0',
    'failoverctl_proxy_endpoint_level{endpoint="b",listener="otlp"} 1',
    'failoverctl_proxy_held_bytes{listener="otlp"} 0',
  ]) {
    expect(text.split('\n')).toContain(line)
  }
  expect([await ask('/healthz'), (await ask('/nothing')).status]).toEqual([{ status: 200, text: 'ok\n' }, 404])
  expect(JSON.parse((await ask('/endpoints')).text).otlp.map(({ id, health }: never) => [id, health])).toEqual([
    ['a', 'degraded'],
    ['b', 'healthy'],
  ])
  proxy.doors[0]!.manager.isolate('a')
  proxy.doors[0]!.manager.isolate('b')
  expect((await ask('/healthz')).status).toBe(503)
  const lines = (await ask('/events')).text.trim().split('\n')
  expect(JSON.parse(lines[0]!)).toEqual({ at: expect.any(Number), listener: 'otlp', type: 'endpoint-added', endpoint: 'a' })
  expect(JSON.parse(lines.at(-1)!)).toMatchObject({ listener: 'otlp', type: 'breaker-changed', endpoint: 'b', to: 'isolated' })
  expect((await ask('/metrics')).text).toContain('failoverctl_proxy_level{listener="otlp"} -1\n')
})

test('takes on other settings while it runs: no request is lost, breakers stay as they are, a bad address changes nothing', async () => {
  const [a, b] = [await backend(), await backend((_, response) => void setTimeout(() => response.end('late'), 300))]
  const { url, proxy } = await proxied(listener([a]))
  const config = (text: string) => readProxyConfig('proxy.yaml', text.replace('127.0.0.1:0', `127.0.0.1:${proxy.doors[0]!.port}`))
  const [first] = proxy.doors
  first!.config = { ...first!.config, listen: { host: '127.0.0.1', port: first!.port } }
  await proxy.reload(config(listener([b])))
  expect(proxy.doors[0]).toBe(first)
  const slow = post(url())
  await expect.poll(() => b.seen.length, wait).toBe(1)
  await proxy.reload(config(listener([a, b])))
  expect(await (await slow).text()).toBe('late')
  expect(await (await post(url())).text()).toBe('ok')
  expect(first!.manager.statistics().requests).toBe(2)
  first!.manager.isolate('a')
  await proxy.reload(config(listener([a, b], 'fail_back: 1s')))
  expect(first!.manager.endpoints()[0]!.breaker).toBe('isolated')
  await proxy.reload(config(listener([a, b], 'fail_back: 1s\n    limits: {body: 3}')))
  expect([proxy.doors[0], (await post(url(), 'four')).status]).toEqual([first, 413])
  await proxy.reload(config(listener([a, b], 'fail_back: 1s')))
  const taken = config(`${listener([a])}\n  - {listen: "127.0.0.1:${a.port}", endpoints: []}`)
  await expect(proxy.reload(taken)).rejects.toMatchObject({ code: 'port-in-use' })
  expect((await post(url())).status).toBe(200)
})

test('takes on other settings with the endpoints that discovery has found, and their breakers, also when it cannot be asked', async () => {
  const [a, b] = [await backend((_, response) => response.end('a')), await backend((_, response) => response.end('b'))]
  const folder = mkdtempSync(join(tmpdir(), 'failoverctl-proxy-'))
  ends.push(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'endpoints.yaml')
  writeFileSync(file, `[{url: '${a.url}', id: a}, {url: '${b.url}', id: b, priority: 1}]`)
  const found = (more: string) => `listeners: [{listen: '127.0.0.1:0', discovery: [{file: '${file}'}], ${more}}]`
  const { proxy, url } = await proxied(found('fail_back: 1s'))
  await expect.poll(() => proxy.doors[0]!.manager.endpoints().length, wait).toBe(2)
  proxy.doors[0]!.manager.isolate('a')
  rmSync(file)
  await proxy.reload(readProxyConfig('proxy.yaml', found('fail_back: 2s')))
  const answer = await fetch(url())
  expect([answer.status, await answer.text()]).toEqual([200, 'b'])
})

test('two listeners on any free port stay two when the file is read again', async () => {
  const [a, b] = [await backend((_, response) => response.end('a')), await backend((_, response) => response.end('b'))]
  const two = `listeners: [${[a, b].map(({ url }, i) => `{listen: '127.0.0.1:0', name: '${i}', endpoints: ['${url}']}`)}]`
  const { proxy } = await proxied(two)
  await proxy.reload(readProxyConfig('proxy.yaml', two))
  const answers = proxy.doors.map(async ({ port }) => (await fetch(`http://127.0.0.1:${port}`)).text())
  expect(await Promise.all(answers)).toEqual(['a', 'b'])
})

test('files that are read again one upon the other are taken on one after the other, the last one last', async () => {
  const near = await backend()
  const { proxy } = await proxied(listener([near]))
  const free = await backend()
  await free.stop()
  const more = readProxyConfig('proxy.yaml', `${listener([near])}  - {listen: '127.0.0.1:${free.port}', endpoints: []}`)
  await Promise.all([proxy.reload(more), proxy.reload(more)])
  expect(proxy.doors.map(({ config }) => config.name)).toEqual(['127.0.0.1:0', `127.0.0.1:${free.port}`])
})

test('lets requests under way end when it stops', async () => {
  const slow = await backend((_, response) => void setTimeout(() => response.end('whole'), 300))
  const { url, proxy } = await proxied(listener([slow]))
  const pending = post(url())
  await expect.poll(() => slow.seen.length, wait).toBe(1)
  const drained = proxy.drain()
  expect(await (await pending).text()).toBe('whole')
  await drained
  await expect(post(url())).rejects.toThrow()
})

test('holds no more of bodies than it may: over HTTP a body is then streamed, over gRPC turned away', async () => {
  const release: (() => void)[] = []
  const slow = await backend((_, response) => void release.push(() => response.end('ok')))
  const { url, proxy } = await proxied(listener([slow], 'limits: {held_body: 200000, held_total: 250000}'))
  const large = 'x'.repeat(150_000)
  const pending = [post(url(), large), post(url(), large)]
  await expect.poll(() => release.length, wait).toBe(2)
  expect(proxy.doors[0]!.held.bytes).toBe(150_000)
  for (const end of release) end()
  expect((await Promise.all(pending)).map(({ status }) => status)).toEqual([200, 200])
  expect(slow.seen.map(({ length }) => length)).toEqual([150_000, 150_000])
  expect(proxy.doors[0]!.held.bytes).toBe(0)
})

test('a gRPC message over the limit is RESOURCE_EXHAUSTED; when too much is held, one more is to come again', async () => {
  const host = testHost()
  const waiting: (() => void)[] = []
  const target = await host.network.listenGrpc(
    { host: '127.0.0.1', port: 0 },
    () => new Promise(resolve => waiting.push(() => resolve({ code: 0 }))),
  )
  ends.push(() => target.close())
  const { proxy } = await proxied(`
drain: 1s
listeners:
  - listen: 127.0.0.1:0
    protocol: grpc
    endpoints: ['http://127.0.0.1:${target.port}']
    limits: {body: 1000, held_total: 1500}
`)
  const call = (bytes: number) =>
    host.network.call({
      url: `http://127.0.0.1:${proxy.doors[0]!.port}`,
      path: OTLP_METHODS.traces,
      body: new Uint8Array(bytes),
      timeoutMs: 5000,
    })
  ends.push(() => host.network.close())
  expect(await call(1001)).toMatchObject({ code: 8 })
  const first = call(900)
  await expect.poll(() => waiting.length, wait).toBe(1)
  expect(await call(900)).toMatchObject({ code: 14, message: 'too much is under way', retryDelayMs: 1000 })
  waiting[0]!()
  expect(await first).toMatchObject({ code: 0 })
  expect(proxy.doors[0]!).toMatchObject({ turnedAway: 1, held: { bytes: 0 } })
})

test('what no endpoint can be asked is answered with 400, and opens no breaker', async () => {
  const near = await backend((request, response) => response.end(request.url))
  const { url, proxy } = await proxied(listener([near], 'breaker: {failures: 1}'))
  const raw = async (first: string) => {
    const socket = connect(proxy.doors[0]!.port, '127.0.0.1')
    ends.push(() => socket.destroy())
    socket.write(`${first} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`)
    return /^HTTP\/1.1 (\d+)[\s\S]*\r\n(.*?)\n?$/.exec(await text(socket))?.slice(1)
  }
  expect(await raw('GET http://elsewhere.example/x?y=1')).toEqual(['200', '/x?y=1'])
  expect(await raw('GET http://elsewhere.example?y=1')).toEqual(['200', '/?y=1'])
  expect(await raw('GET //evil/x')).toEqual(['200', '//evil/x'])
  expect((await raw('OPTIONS *'))?.[0]).toBe('400')
  expect((await fetch(url())).status).toBe(200)
  expect(proxy.doors[0]!.manager.endpoints()[0]).toMatchObject({ breaker: 'closed', statistics: { failures: { 'not-sent': 0 } } })
})

test.each(['http', 'grpc'] as const)('over %s, no connection in time was never sent: each request goes on', async protocol => {
  const hung = createTcpServer(socket => socket.on('error', () => {})).listen(0, '127.0.0.1')
  await once(hung, 'listening')
  ends.push(() => hung.close())
  const near = await backend()
  const host = testHost()
  ends.push(() => host.network.close())
  const grpc = await host.network.listenGrpc({ host: '127.0.0.1', port: 0 }, () => ({ code: 0 }))
  ends.push(() => grpc.close())
  const there = protocol === 'grpc' ? `http://127.0.0.1:${grpc.port}` : near.url
  // It takes the connection and never shakes hands.
  const { url } = await proxied(`
listeners:
  - listen: 127.0.0.1:0
    protocol: ${protocol}
    attempt_timeout: 200ms
    breaker: false
    endpoints: ['https://127.0.0.1:${(hung.address() as AddressInfo).port};priority=0', '${there};priority=1']
`)
  // To load the client for the first time can take longer than the limit.
  await host.network.exchange({ method: 'GET', url: near.url, timeoutMs: 5000 })
  const call = { path: OTLP_METHODS.traces, body: new Uint8Array(), timeoutMs: 5000 }
  const ended: (number | string)[] = []
  for (let i = 0; i < 10; i++) {
    if (protocol === 'http') ended.push((await post(url())).status)
    else ended.push(await host.network.call({ ...call, url: url() }).then(reply => (reply.kind === 'answer' ? reply.code : '')))
  }
  expect(ended).toEqual(Array(10).fill(protocol === 'http' ? 200 : 0))
})

test('a body of which a part is gone is never sent on without it, also by a method that may be repeated', async () => {
  const hung = createTcpServer(socket => socket.on('error', () => {}).resume()).listen(0, '127.0.0.1')
  await once(hung, 'listening')
  ends.push(() => hung.close())
  const near = await backend()
  const { url } = await proxied(`
listeners:
  - listen: 127.0.0.1:0
    attempt_timeout: 100ms
    breaker: false
    limits: {held_body: 10}
    endpoints: ['http://127.0.0.1:${(hung.address() as AddressInfo).port};priority=0', '${near.url};priority=1']
`)
  for (let i = 0; i < 5; i++) {
    let left = 6
    const pieces = new ReadableStream({
      async pull(stream) {
        if (left-- === 0) return stream.close()
        stream.enqueue(Buffer.from('0123456789'))
        await new Promise(resolve => setTimeout(resolve, 40))
      },
    })
    const answer = post(url(), pieces, '/x', { method: 'PUT' })
    expect([504, 408, 'reset']).toContain(await answer.then(({ status }) => status).catch(() => 'reset'))
  }
  expect(near.seen).toEqual([])
})

test('a request that is under way at the end is answered, and told that its connection ends', async () => {
  const slow = await backend((_, response) => void setTimeout(() => response.end('ok'), 200))
  const { url, proxy } = await proxied(listener([slow]))
  const answered = post(url())
  await expect.poll(() => slow.seen.length, wait).toBe(1)
  const drained = proxy.drain()
  const { status, headers } = await answered
  expect([status, headers.get('connection')]).toEqual([200, 'close'])
  await drained
})

test('an answer that comes before the body has been read leaves a connection that can be used again', async () => {
  const early = createServer((request, response) => response.end(request.method)).listen(0, '127.0.0.1')
  await once(early, 'listening')
  ends.push(() => early.close())
  const { proxy } = await proxied(`
listeners:
  - listen: 127.0.0.1:0
    limits: {held_body: 10}
    endpoints: ['http://127.0.0.1:${(early.address() as AddressInfo).port}']
`)
  const socket = connect(proxy.doors[0]!.port, '127.0.0.1')
  ends.push(() => socket.destroy())
  let answers = ''
  socket.on('data', data => {
    answers += data
  })
  socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 300000\r\n\r\n')
  socket.write(Buffer.alloc(100_000))
  await expect.poll(() => answers, wait).toContain('POST')
  socket.write(Buffer.alloc(200_000))
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
  await expect.poll(() => answers, wait).toContain('GET')
})

test('an address that will not do is told without the password in it', () => {
  const read = () => readProxyConfig('proxy.yaml', listener([]).replace('[]', "['htps://me:secret@a:1']"))
  expect(read).toThrow('got the text `htps://a:1`')
})
