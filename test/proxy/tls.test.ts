import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { OTLP_METHODS } from '../../src/core/grpc.ts'
import type { ServedCall, Tls } from '../../src/core/host.ts'
import { loadProxyConfig } from '../../src/proxy/config.ts'
import { startProxy } from '../../src/proxy/proxy.ts'
import { testHost } from '../real-host.ts'

const pems = fileURLToPath(new URL('../tls/', import.meta.url))
const ends: (() => unknown)[] = []
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'failoverctl-proxy-tls-'))
})
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
  rmSync(folder, { recursive: true, force: true })
})

const host = testHost()
const text = async (name: string) => new TextDecoder().decode(await host.files.read(`${pems}${name}`))
const named = async (name: string): Promise<Tls> => ({
  cert: await text(`${name}.pem`),
  key: await text(`${name}.key`),
  verify: true,
})
const place = (name: string, as = name) => {
  for (const kind of ['pem', 'key']) copyFileSync(`${pems}${name}.${kind}`, join(folder, `${as}.${kind}`))
}
const load = (yaml: string) => {
  writeFileSync(join(folder, 'proxy.yaml'), `drain: 1s\nlisteners:\n${yaml}`)
  return loadProxyConfig(join(folder, 'proxy.yaml'), host.files)
}
async function start(yaml: string) {
  const proxy = await startProxy(await load(yaml), host, () => {})
  ends.push(() => proxy.drain())
  return proxy
}

/** A backend that asks for a client certificate, and what it was sent. */
async function backend() {
  const seen: Record<string, string | undefined>[] = []
  const tls = { ...(await named('server')), ca: await text('ca.pem') }
  const listener = await host.network.listen(
    { host: '127.0.0.1', port: 0 },
    ({ headers }) => ({ status: seen.push(headers) && 200 }),
    tls,
  )
  ends.push(() => listener.close())
  return { seen, url: `https://localhost:${listener.port}` }
}

const LISTENER = (port: number, endpoints: string, more = '') => `
  - listen: 127.0.0.1:${port}
    tls: {cert_file: own.pem, key_file: own.key, client_ca_file: ${pems}ca.pem}
    upstream_tls: {ca_file: ${pems}ca.pem, cert_file: ${pems}client.pem, key_file: ${pems}client.key}
    endpoints: [${endpoints}]
    ${more}
`
const ask = async (port: number, tls: Tls) => {
  const reply = await host.network.request({ method: 'POST', url: `https://localhost:${port}/v1/traces`, timeoutMs: 3000, tls })
  return reply.kind === 'answer' ? reply.status : (reply.problem ?? reply.kind)
}

test('speaks TLS on both sides, with client certificates, also to check', async () => {
  place('server', 'own')
  const { seen, url } = await backend()
  const proxy = await start(LISTENER(0, `'${url}'`, 'checks: {kind: http, interval: 50ms, timeout: 2s, rise: 1}'))
  const { port, manager } = proxy.doors[0]!
  const ca = await text('ca.pem')
  expect(await ask(port, { ...(await named('client')), ca })).toBe(200)
  // Checks are seen as well, and at any time.
  expect(seen.find(headers => 'x-forwarded-proto' in headers)).toMatchObject({
    'x-forwarded-proto': 'https',
    'x-forwarded-for': '127.0.0.1',
  })
  expect(await ask(port, { ca, verify: true })).toBe('certificate-wanted')
  await expect.poll(() => manager.endpoints()[0]?.health).toBe('healthy')
})

test('an endpoint whose certificate is not trusted was never sent anything', async () => {
  const { seen, url } = await backend()
  const proxy = await start(`
  - listen: 127.0.0.1:0
    endpoints: ['${url}']
    retry: {tries: 1}
`)
  const reply = await host.network.request({
    method: 'POST',
    url: `http://127.0.0.1:${proxy.doors[0]!.port}/v1/traces`,
    timeoutMs: 3000,
  })
  expect(reply).toMatchObject({ status: 502 })
  expect(seen).toEqual([])
})

test('other certificates are taken on while it runs; some that cannot be used change nothing', async () => {
  place('server', 'own')
  const { url } = await backend()
  const proxy = await start(LISTENER(0, `'${url}'`))
  const { port, config } = proxy.doors[0]!
  const client = { ...(await named('client')), ca: await text('ca.pem') }
  const again = async () => {
    const next = await load(LISTENER(0, `'${url}'`))
    return proxy.reload({ ...next, listeners: next.listeners.map(one => ({ ...one, listen: config.listen })) })
  }
  place('other-name', 'own')
  await again()
  expect(await ask(port, client)).toBe('certificate-name')
  writeFileSync(join(folder, 'own.key'), 'no key')
  await expect(again()).rejects.toMatchObject({ code: 'cannot-listen', message: expect.stringContaining('cannot be used') })
  expect(await ask(port, { ...client, serverName: 'elsewhere.example' })).toBe(200)

  // Nor do good ones, when something else in the file cannot be had.
  place('server', 'own')
  const taken = await host.network.listen({ host: '127.0.0.1', port: 0 }, () => ({ status: 200 }))
  ends.push(() => taken.close())
  const next = await load(`${LISTENER(0, `'${url}'`)}  - {listen: '127.0.0.1:${taken.port}', endpoints: []}\n`)
  const listeners = next.listeners.map((one, index) => (index === 0 ? { ...one, listen: config.listen } : one))
  await expect(proxy.reload({ ...next, listeners })).rejects.toMatchObject({ code: 'port-in-use' })
  expect(await ask(port, { ...client, serverName: 'elsewhere.example' })).toBe(200)
})

test('gRPC goes through TLS on both sides, too, and a check speaks gRPC', async () => {
  place('server', 'own')
  const calls: ServedCall[] = []
  const tls = { ...(await named('server')), ca: await text('ca.pem') }
  const listener = await host.network.listenGrpc({ host: '127.0.0.1', port: 0 }, call => ({ code: calls.push(call) && 0 }), tls)
  ends.push(() => listener.close())
  const checks = 'protocol: grpc\n    checks: {kind: otlp, interval: 50ms, timeout: 2s, rise: 1}'
  const proxy = await start(LISTENER(0, `'https://localhost:${listener.port}'`, checks))
  const { port, manager } = proxy.doors[0]!
  await expect.poll(() => manager.endpoints()[0]?.health).toBe('healthy')
  const reply = await host.network.call({
    url: `https://localhost:${port}`,
    path: OTLP_METHODS.logs,
    body: new Uint8Array([7]),
    timeoutMs: 3000,
    tls: { ...(await named('client')), ca: await text('ca.pem') },
  })
  expect(reply).toMatchObject({ code: 0 })
  expect(calls.find(({ body }) => body.length === 1)?.headers).toMatchObject({
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-host': `localhost:${port}`,
    'x-forwarded-proto': 'https',
  })
})

test.each([
  ['a file that is not there', 'tls: {cert_file: none.pem, key_file: none.key}', 'no-such-file'],
  ['a certificate without its key', 'tls: {cert_file: none.pem}', 'bad-proxy-file'],
  ['a port that is none', 'name: x\n  - listen: 127.0.0.1:70000', 'bad-proxy-file'],
  ['two endpoints with one id', "endpoints: ['http://a;id=x', 'http://b;id=x']", 'bad-proxy-file'],
  ['a negative weight', "endpoints: ['http://a;weight=-1']", 'bad-proxy-file'],
  ['a network that is none', 'forwarded: {trust: [here]}', 'bad-proxy-file'],
])('%s is told', async (_, line, code) => {
  await expect(load(`  - listen: 127.0.0.1:0\n    discovery: []\n    ${line}\n`)).rejects.toMatchObject({ code })
})
