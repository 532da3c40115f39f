import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { proxyBefore } from '../../src/chaos/targets/proxied.ts'
import { readGraph } from '../../src/collector/read-graph.ts'
import type { RelayWay } from '../../src/core/host.ts'
import { groupByBackend } from '../../src/outage/backends.ts'
import { readConfig } from '../../src/source/read-config.ts'
import { fakeHost } from '../fake-host.ts'

const POC = await readFile('fixtures/poc/main.yaml', 'utf8')
const AT = { listen: { host: '127.0.0.1', port: 14317 }, upstream: { host: '127.0.0.1', port: 4317 } }

/** The primary of a config, as the process target sees it. */
async function primaryOf(text: string) {
  const { root } = await readConfig(['main.yaml'], { read: async () => new TextEncoder().encode(text), env: {} })
  const exporters = [...readGraph(root).components.exporters.values()]
  return groupByBackend(exporters.filter(({ id }) => id.endsWith('/primary')))[0] as never
}

const sendingTo = (endpoint: string) => POC.replace(/\$\{env:PRIMARY_ENDPOINT[^}]*\}/, endpoint)

function world() {
  const ways: RelayWay[] = []
  const listener = { ...AT.listen, close: async () => {} }
  const listening: string[] = []
  const opened = (protocol: string) => {
    listening.push(protocol)
    return listener
  }
  const host = fakeHost({
    network: {
      listenGrpc: async () => ({ ...opened('grpc'), drain: async () => {} }),
      listen: async () => opened('http'),
      relay: async () => ({ ...opened('bytes'), become: way => void ways.push(way) }),
    },
  })
  return { host, ways, listening }
}

test.each<[what: string, config: string, protocol: string, canReject: boolean]>([
  ['OTLP over gRPC without TLS', sendingTo('127.0.0.1:14317'), 'grpc', true],
  ['an address that says http', sendingTo('http://127.0.0.1:14317').replace('insecure: true', 'insecure: false'), 'grpc', true],
  ['OTLP over HTTP', sendingTo('http://127.0.0.1:14317').replaceAll('otlp/primary', 'otlphttp/primary'), 'http', true],
  ['gRPC over TLS', sendingTo('127.0.0.1:14317').replace('insecure: true', 'insecure: false'), 'bytes', false],
  ['HTTP over TLS', sendingTo('https://127.0.0.1:14317').replaceAll('otlp/primary', 'otlphttp/primary'), 'bytes', false],
])('before %s', async (_, config, protocol, canReject) => {
  const { host, listening } = world()
  const proxied = await proxyBefore(await primaryOf(config), AT, host)
  expect(listening).toEqual([protocol])
  expect(proxied.can.includes('reject')).toBe(canReject)
  expect(proxied.can).toEqual(expect.arrayContaining(['reset', 'partition', 'latency']))
  if (!canReject)
    expect(proxied.limit).toBe(
      `the proxy before it only passes bytes on, because what ${config.includes('otlphttp') ? 'otlphttp' : 'otlp'}/primary sends is over TLS`,
    )
})

test('bytes are held, late or reset, and pass again', async () => {
  const { host, ways } = world()
  const proxied = await proxyBefore(
    await primaryOf(sendingTo('127.0.0.1:14317').replace('insecure: true', 'insecure: false')),
    AT,
    host,
  )
  await proxied.do('partition', { kind: 'partition', on: 'primary' })
  await proxied.do('latency', { kind: 'latency', on: 'primary', latencyMs: 200 })
  await proxied.do('reset', { kind: 'reset', on: 'primary' })
  await proxied.behave()
  expect(ways).toEqual([{ holds: true }, { delayMs: 200 }, { resets: true }, {}])
})

test('an exporter that sends past the proxy is told where to send', async () => {
  const opening = proxyBefore(await primaryOf(sendingTo('127.0.0.1:4317')), AT, world().host)
  await expect(opening).rejects.toMatchObject({ code: 'wrong-use', hint: expect.stringContaining('127.0.0.1:4317') })
})
