import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { lazyNetwork } from '../../src/adapters/network.ts'
import { OTLP_METHODS } from '../../src/core/grpc.ts'
import type { Tls } from '../../src/core/host.ts'

const network = lazyNetwork()
const open: { close(): unknown }[] = []
afterEach(async () => {
  for (const each of open.splice(0)) await each.close()
})
afterAll(() => network.close())

const pem = (file: string) => readFileSync(new URL(`../tls/${file}`, import.meta.url), 'utf8')
const pair = (name: string) => ({ cert: pem(`${name}.pem`), key: pem(`${name}.key`) })
const ca = pem('ca.pem')
const loopback = { host: '127.0.0.1', port: 0 }

/** The same over both wires: a server, and one request to it. */
const WIRES = {
  http: {
    listen: (tls?: Tls) => network.listen(loopback, () => ({ status: 200 }), tls),
    send: (port: number, tls?: Tls, scheme = 'https') =>
      network.request({
        method: 'POST',
        url: `${scheme}://localhost:${port}/`,
        body: Buffer.from('x'),
        timeoutMs: 3000,
        ...(tls ? { tls } : {}),
      }),
  },
  grpc: {
    listen: (tls?: Tls) => network.listenGrpc(loopback, () => ({ code: 0 }), tls),
    send: (port: number, tls?: Tls, scheme = 'https') =>
      network.call({
        url: `${scheme}://localhost:${port}`,
        path: OTLP_METHODS.logs,
        body: Buffer.from('x'),
        timeoutMs: 3000,
        ...(tls ? { tls } : {}),
      }),
  },
}

describe.each(Object.entries(WIRES))('%s', (wire, { listen, send }) => {
  const to = async (server: Tls | undefined, client?: Tls, scheme?: string) => {
    const listener = await listen(server)
    open.push(listener)
    return send(listener.port, client, scheme)
  }
  const server = { ...pair('server'), verify: true }

  test.each<[what: string, server: Tls, client: Tls]>([
    ['a certificate of the given authority', server, { ca, verify: true }],
    ['any certificate, when it is not verified', { ...pair('self-signed'), verify: true }, { verify: false }],
    [
      'a certificate of another name, when that is the one asked for',
      { ...pair('other-name'), verify: true },
      { ca, serverName: 'elsewhere.example', verify: true },
    ],
    ['a client that shows its certificate', { ...server, ca }, { ca, ...pair('client'), verify: true }],
  ])('%s is fine', async (_, given, client) => expect(await to(given, client)).toMatchObject({ kind: 'answer' }))

  test.each<[what: string, server: Tls | undefined, client: Tls | undefined, problem: string]>([
    ['an expired certificate', { ...pair('expired'), verify: true }, { ca, verify: true }, 'certificate-expired'],
    ['a certificate of another name', { ...pair('other-name'), verify: true }, { ca, verify: true }, 'certificate-name'],
    ['a self-signed certificate', { ...pair('self-signed'), verify: true }, { ca, verify: true }, 'certificate-untrusted'],
    ['an unknown authority', server, undefined, 'certificate-untrusted'],
    ['a server without TLS', undefined, undefined, 'not-tls'],
    [
      'a key of another certificate',
      server,
      { ca, cert: pem('client.pem'), key: pem('server.key'), verify: true },
      'bad-certificate-files',
    ],
    ['files that hold nothing', server, { ca: '-----BEGIN CERTIFICATE-----\nxx\n', verify: true }, 'bad-certificate-files'],
  ])('%s: nothing is sent, and why', async (_, given, client, problem) =>
    expect(await to(given, client)).toMatchObject({ kind: 'not-sent', problem }),
  )

  // Node's servers hang up without the alert that others send.
  test.each<[what: string, client: Tls]>([
    ['without a certificate', { ca, verify: true }],
    ['with a certificate of nobody', { ca, ...pair('self-signed'), verify: true }],
  ])('a client %s, where the server wants one, gets no answer', async (_, client) => {
    const reply = await to({ ...server, ca }, client)
    expect(reply).not.toMatchObject({ kind: 'answer' })
    expect(reply).toHaveProperty('problem', expect.stringMatching(/^(?:closed|certificate-wanted)$/))
  })

  test('a client without TLS is told that nothing came back', async () => {
    expect(await to(server, undefined, 'http')).toMatchObject({ kind: wire === 'http' ? 'no-answer' : 'not-sent' })
  })
})

test('a plain server that answers in another protocol', async () => {
  const raw = createServer(socket => socket.on('error', () => {}).end('SSH-2.0-OpenSSH\r\n'))
  await new Promise<void>(resolve => raw.listen(0, '127.0.0.1', resolve))
  open.push(raw)
  const { port } = raw.address() as { port: number }
  expect(await WIRES.http.send(port, undefined, 'http')).toMatchObject({ kind: 'no-answer', problem: 'other-protocol' })
  expect(await WIRES.grpc.send(port, undefined, 'http')).toMatchObject({ kind: 'not-sent', problem: 'other-protocol' })
})
