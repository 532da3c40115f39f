import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, createServer as createSocketServer } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { type Getter, getter } from '../../src/adapters/http-get.ts'

let close: (() => void)[] = []
afterEach(() => {
  for (const end of close) end()
  close = []
})

async function serve(handle: RequestListener) {
  const server = createServer(handle).listen(0, '127.0.0.1')
  await once(server, 'listening')
  close.push(
    () => server.closeAllConnections(),
    () => server.close(),
  )
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`, server }
}

function client(): Getter {
  const made = getter()
  close.push(() => made.close())
  return made
}

const REQUEST = { timeoutMs: 1000, maxReplyBytes: 1000 }

test('an answer, over a connection that is kept', async () => {
  const ports = new Set<number | undefined>()
  const { url } = await serve((request, response) => {
    ports.add(request.socket.remotePort)
    response.setHeader('x-said', String(request.headers.accept))
    response.end('hello')
  })
  const { get } = client()
  for (let turn = 0; turn < 3; turn++) {
    const reply = await get({ ...REQUEST, url, headers: { accept: 'text/plain' } })
    expect(reply).toMatchObject({ kind: 'answer', status: 200, headers: { 'x-said': 'text/plain' } })
    expect(new TextDecoder().decode((reply as { body: Uint8Array }).body)).toBe('hello')
  }
  expect(ports.size).toBe(1)
})

describe('no answer', () => {
  test('nobody listens', async () => {
    const { url, server } = await serve(() => {})
    await new Promise(resolve => server.close(resolve))
    expect(await client().get({ ...REQUEST, url })).toMatchObject({ kind: 'not-sent', problem: 'refused' })
  })
  test('silence', async () => {
    const { url } = await serve(() => {})
    expect(await client().get({ ...REQUEST, timeoutMs: 100, url })).toMatchObject({ kind: 'no-answer', timedOut: true })
  })
  test('an answer that never ends, and one that is cut off', async () => {
    const { url } = await serve((request, response) => {
      response.write('a')
      if (request.url === '/cut') setTimeout(() => response.destroy(), 20)
    })
    const { get } = client()
    expect(await get({ ...REQUEST, timeoutMs: 100, url })).toMatchObject({ kind: 'no-answer', timedOut: true })
    expect(await get({ ...REQUEST, url: url.replace('metrics', 'cut') })).toMatchObject({ kind: 'no-answer', timedOut: false })
  })
  test('something that speaks no HTTP', async () => {
    const server = createSocketServer(socket => void socket.end('SSH-2.0-x\r\n')).listen(0, '127.0.0.1')
    await once(server, 'listening')
    close.push(() => void server.close())
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    expect(await client().get({ ...REQUEST, url })).toMatchObject({ kind: 'no-answer', problem: 'other-protocol' })
  })
  test('more than is taken: not read to its end', async () => {
    let written = 0
    const { url } = await serve((_, response) => {
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(65_536))) written += 65_536
      }
      response.on('drain', more)
      more()
    })
    expect(await client().get({ ...REQUEST, url })).toMatchObject({ kind: 'answer', oversized: true, body: { length: 0 } })
    expect(written).toBeLessThan(50_000_000)
  })
  test('given up by the caller', async () => {
    const { url } = await serve(() => {})
    const controller = new AbortController()
    const asked = client().get({ ...REQUEST, url, signal: controller.signal })
    setTimeout(() => controller.abort(new Error('enough')), 20)
    await expect(asked).rejects.toThrow('enough')
    await expect(client().get({ ...REQUEST, url, signal: controller.signal })).rejects.toThrow('enough')
  })
})

test('a kept connection that the server ends at the next request is no failure', async () => {
  let requests = 0
  const { url } = await serve((request, response) => {
    if (++requests === 2) request.socket.destroy()
    else response.end('ok')
  })
  const { get } = client()
  await get({ ...REQUEST, url })
  expect(await get({ ...REQUEST, url })).toMatchObject({ kind: 'answer', status: 200 })
  expect(requests).toBe(3)
})
