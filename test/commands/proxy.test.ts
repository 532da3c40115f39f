import { expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import type { HttpHandler, StreamHandler } from '../../src/core/host.ts'
import { fakeHost } from '../fake-host.ts'

/** The command is loaded first, which takes a while on a busy machine. */
const patience = { timeout: 15_000 }

/** A proxy on a network in memory: what it listens on, and what it is asked. */
function world(text: string) {
  const doors: { port: number; handle: StreamHandler; drained: boolean }[] = []
  let admin: HttpHandler | undefined
  let reload = () => {}
  const host = fakeHost({
    files: { 'proxy.yaml': text },
    network: {
      serve: async ({ host, port }, handle) => {
        const door = { port, handle, drained: false }
        doors.push(door)
        const drain = async () => {
          door.drained = true
        }
        return { host, port, drain, close: drain, renewal: () => () => {} }
      },
      listen: async ({ host, port }, handle) => {
        admin = handle
        return { host, port, close: async () => {} }
      },
      exchange: async ({ url }) =>
        url.startsWith('http://gone')
          ? { kind: 'not-sent', reason: 'connection refused' }
          : { kind: 'answer', status: 200, headers: {}, body: (async function* () {})(), discard: () => {} },
    },
  })
  return {
    host: {
      ...host,
      onReload(hear: () => void) {
        reload = hear
        return () => {}
      },
    },
    fake: host,
    doors,
    admin: () => admin,
    reload: () => reload(),
    send: () =>
      doors[0]!.handle({
        method: 'GET',
        target: '/',
        headers: {},
        body: undefined,
        peer: '127.0.0.1',
        secure: false,
        gone: new AbortController().signal,
      }),
  }
}

const good = `admin: 127.0.0.1:9464
listeners:
  - listen: 127.0.0.1:4318
    name: otlp
    breaker: {failures: 1}
    endpoints: [{url: 'http://gone', id: near}, {url: 'http://there', id: far}]
`

test('says where it listens, tells a failover as it happens, reads its file again on SIGHUP, and drains at the end', async () => {
  const { host, fake, doors, admin, reload, send } = world(good)
  const end = main(['proxy', 'proxy.yaml'], host)
  await expect
    .poll(() => fake.err, patience)
    .toBe('http  127.0.0.1:4318  otlp\nadmin port 9464: /metrics, /healthz, /endpoints, /events\n')
  expect(admin()).toBeDefined()
  await fake.clock.advance(1500)
  expect((await send()).status).toBe(200)
  await send()
  expect(fake.out).toContain('    1.5s  otlp  breaker of near is open: 1 failures in a row\n')
  expect(fake.out).toContain('    1.5s  otlp  failover from near to far\n')

  fake.contents.set('proxy.yaml', new TextEncoder().encode(`${good}    wieght: 3\n`))
  reload()
  await expect.poll(() => fake.err, patience).toContain('proxy.yaml:7:5: unknown key `wieght`')
  expect(fake.err).toContain('The proxy goes on as before.')
  fake.contents.set('proxy.yaml', new TextEncoder().encode(good.replace('4318', '4319')))
  reload()
  await expect
    .poll(() => doors.map(({ port, drained }) => [port, drained]))
    .toEqual([
      [4318, true],
      [4319, false],
    ])
  fake.interrupt()
  expect(await end).toBe(0)
  expect(doors.every(({ drained }) => drained)).toBe(true)
})

const TWO = 'listeners:\n- listen: h:1\n  endpoints:\n  - http://a;id=a\n'

test.each([
  ['listeners: []', 'proxy.yaml:1:1'],
  ['listeners: [{listen: nowhere}]', 'proxy.yaml:1:22: '],
  ['listeners: [{listen: "h:1", strategy: robin}]', 'proxy.yaml:1:39: '],
  ['listeners: [{listen: "h:1", endpoints: [{url: "http://a", weight: -1}]}]', 'proxy.yaml:1:67: '],
  ['listeners: [{listen: "h:1", timeout: soon}]', 'proxy.yaml:1:38: '],
  ['listeners: [{listen: "h:1"}, {listen: "h:1"}]', 'two listeners have the name h:1'],
  ['listeners: [{listen: "h:1", endpoints: ["http://a", "http://a"]}]', 'two endpoints have the id http://a'],
  ['listeners: [{listen: "h:1", timeout: 5}]', 'expected a duration such as 500ms, 5s or 2m, got `5`'],
  ['5', 'expected a map of settings'],
  [
    'listeners: [{listen: "h:1"}]',
    'proxy.yaml:1:13: h:1 has nowhere to send to\nGive it endpoints, or discovery that finds them.\n',
  ],
  ['listeners: [{listen: "h:99999"}]', 'proxy.yaml:1:22: h:99999 has no port: they end at 65535'],
  ['admin: h:99999\nlisteners: [{listen: "h:1", endpoints: []}]', 'proxy.yaml:1:8: h:99999 has no port'],
  ['listeners:\n- listen: h:1\n- listen: h:1', 'proxy.yaml:3:3: two listeners have the name h:1\nGive each a name of its own.'],
  [`${TWO}- {listen: 'h:1', name: b}`, 'proxy.yaml:5:3: two listeners have the address h:1\nGive each a port of its own.\n'],
  [`${TWO}  - {url: 'http://b', id: a}`, 'proxy.yaml:5:5: two endpoints have the id a\nGive each its own'],
  [`${TWO}  - http://b;weight=x`, 'proxy.yaml:5:5: endpoint http://b: weight x is no number\nExample: http://localhost:4318;'],
  [`${TWO}  - http://b;weight=-1`, 'proxy.yaml:5:5: endpoint http://b: weight -1 is not a number of at least 0\nExample: '],
  [`${TWO}  - http://b;priority=1.5`, 'proxy.yaml:5:5: endpoint http://b: priority 1.5 is not a whole number of at least 0\n'],
  [`${TWO}  - http://u:pw@b:99999`, 'proxy.yaml:5:5: http://b:99999 is not an http or https address\nExample: '],
  [`${TWO}  - {url: 'http://b:99999'}`, 'proxy.yaml:5:5: http://b:99999 is not an http or https address\nExample: '],
  [`${TWO}  forwarded: {trust: [10.0.0.0/8, here]}`, 'proxy.yaml:5:35: here is neither an address nor a network\n'],
])('%s is refused with its place', async (text, message) => {
  const { host, fake } = world(text)
  expect(await main(['proxy', 'proxy.yaml'], host)).toBe(3)
  expect(fake.err).toContain(message)
})
