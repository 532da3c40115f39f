import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { relay } from '../../src/adapters/tcp-relay.ts'
import type { Relay } from '../../src/core/host.ts'

/** Says back what it hears. */
const echo = createServer(socket => void socket.on('error', () => {}).pipe(socket))
let between: Relay
const open: Socket[] = []

beforeEach(async () => {
  await once(echo.listen(0, '127.0.0.1'), 'listening')
  const { port } = echo.address() as AddressInfo
  between = await relay({ host: '127.0.0.1', port: 0 }, { host: '127.0.0.1', port })
})
afterEach(async () => {
  for (const socket of open.splice(0)) socket.destroy()
  await between.close()
  await new Promise(resolve => echo.close(resolve))
})

async function client() {
  const socket = connect(between.port, '127.0.0.1')
  open.push(socket)
  const heard = { text: '', error: '' }
  socket.on('data', piece => (heard.text += piece))
  socket.on('error', error => (heard.error = (error as NodeJS.ErrnoException).code ?? ''))
  await Promise.race([once(socket, 'connect'), once(socket, 'close')]).catch(() => {})
  return { socket, heard }
}

const until = async (isTrue: () => boolean) => {
  for (let turn = 0; turn < 200 && !isTrue(); turn++) await sleep(10)
}

test('bytes pass both ways, many and in their order, and an end is an end', async () => {
  const { socket, heard } = await client()
  const text = Array.from({ length: 200_000 }, (_, index) => `${index},`).join('')
  socket.end(text)
  await once(socket, 'close')
  expect(heard.text === text).toBe(true)
})

test('held, nothing passes; let go, everything does, and nothing twice', async () => {
  const { socket, heard } = await client()
  socket.write('a')
  await until(() => heard.text === 'a')
  between.become({ holds: true })
  socket.write('b')
  const late = await client()
  late.socket.write('x')
  await sleep(150)
  expect({ first: heard, late: late.heard }).toEqual({ first: { text: 'a', error: '' }, late: { text: '', error: '' } })
  between.become({})
  await until(() => heard.text.length > 1 && late.heard.text !== '')
  expect([heard.text, late.heard.text]).toEqual(['ab', 'x'])
})

test('late: as late as wanted, in order also when the delay ends in between', async () => {
  const { socket, heard } = await client()
  between.become({ delayMs: 200 })
  const since = performance.now()
  socket.write('a')
  await sleep(50)
  between.become({})
  socket.write('b')
  await until(() => heard.text.length === 2)
  expect(heard.text).toBe('ab')
  expect(performance.now() - since).toBeGreaterThanOrEqual(195)
})

test('reset: connections that are open, and those that come', async () => {
  const before = await client()
  before.socket.write('a')
  await until(() => before.heard.text === 'a')
  between.become({ resets: true })
  await until(() => before.heard.error !== '')
  expect(before.heard.error).toBe('ECONNRESET')
  const after = await client()
  after.socket.write('b')
  await until(() => after.socket.destroyed)
  expect(after.heard.text).toBe('')
  between.become({})
  const well = await client()
  well.socket.write('c')
  await until(() => well.heard.text === 'c')
  expect(well.heard).toEqual({ text: 'c', error: '' })
})

test('a backend that refuses resets whoever has connected', async () => {
  const closed = new Promise(resolve => echo.close(resolve))
  const { socket, heard } = await client()
  await until(() => socket.destroyed)
  expect(heard.error).toBe('ECONNRESET')
  await closed
  await once(echo.listen(0, '127.0.0.1'), 'listening')
})
