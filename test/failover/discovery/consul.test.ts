import { expect, test } from 'vitest'
import { seeded } from '../../../src/core/random.ts'
import { type ConsulSettings, consulProvider } from '../../../src/failover/discovery/consul.ts'
import { Manager } from '../../../src/failover/manager.ts'
import { testHost } from '../../real-host.ts'
import { ConsulServer } from './consul-server.ts'
import { follow, later } from './follow.ts'

const wait = { timeout: 8000, interval: 20 }

function providerOf(consul: ConsulServer, settings: Partial<ConsulSettings> = {}) {
  const { network, clock } = testHost()
  later(() => network.close())
  return consulProvider(
    { address: consul.url, service: 'otlp', waitMs: 2000, ...settings },
    { clock, random: seeded(1), network },
  )
}

const near = { address: '127.0.0.1', port: 4318, status: 'passing' }

test('finds instances with health, weight, tags, region and priority, and hears of a change at once', async () => {
  const consul = await new ConsulServer().start()
  consul.instances.set('n1/a', { ...near, tags: ['eu'], meta: { priority: '1', zone: 'z' }, weights: { Passing: 7, Warning: 2 } })
  consul.instances.set('n2/a', { ...near, address: '', status: 'warning', weights: { Passing: 7, Warning: 2 } })
  const told = follow(providerOf(consul))
  await expect.poll(() => told.sets.length, wait).toBe(1)
  expect(told.last()).toEqual([
    {
      id: 'n1/a',
      url: 'http://127.0.0.1:4318',
      name: 'otlp',
      weight: 7,
      tags: ['eu'],
      health: 'healthy',
      region: 'dc1',
      priority: 1,
      zone: 'z',
    },
    { id: 'n2/a', url: 'http://127.0.0.9:4318', name: 'otlp', weight: 2, tags: [], health: 'degraded', region: 'dc1' },
  ])
  await expect.poll(() => consul.asked.length, wait).toBe(2)
  const changedAt = performance.now()
  consul.change(() => consul.instances.set('n1/a', { ...near, status: 'critical' }))
  await expect.poll(() => told.last()?.[0]?.health, wait).toBe('unhealthy')
  expect(performance.now() - changedAt).toBeLessThan(1500)
  expect(consul.asked[1]!.query.get('index')).toBe('10')
})

test('asks with datacenter, namespace, token and tag, is held until something changes, and does not ask in a rush', async () => {
  const consul = await new ConsulServer().start()
  consul.token = 'hush'
  const settings = { datacenter: 'dc2', namespace: 'team', token: 'hush', tag: 'e"u' }
  const told = follow(providerOf(consul, { ...settings, waitMs: 300 }))
  await expect.poll(() => consul.asked.length, wait).toBeGreaterThanOrEqual(4)
  expect(consul.asked.length).toBe(told.sets.length + 1)
  const [, second] = consul.asked
  expect(second).toMatchObject({ path: '/v1/health/service/otlp', token: 'hush' })
  expect(second!.heldMs).toBeGreaterThan(250)
  expect(Object.fromEntries(second!.query)).toEqual({
    dc: 'dc2',
    ns: 'team',
    filter: '"e\\"u" in Service.Tags',
    index: '10',
    wait: '300ms',
  })
})

test('starts anew when the index goes back, as after a restart', async () => {
  const consul = await new ConsulServer().start()
  const told = follow(providerOf(consul))
  await expect.poll(() => consul.asked.length, wait).toBe(2)
  consul.change(() => consul.instances.set('n1/a', near), 3)
  await expect.poll(() => told.ids(), wait).toEqual(['n1/a'])
  await expect.poll(() => consul.asked.length, wait).toBe(4)
  expect(consul.asked.slice(2).map(({ query }) => query.get('index'))).toEqual([null, '3'])
})

test('tells a refused token and never shows it', async () => {
  const consul = await new ConsulServer().start()
  consul.token = 'right'
  const told = follow(providerOf(consul, { token: 'wrong-secret' }))
  await expect.poll(() => told.failures, wait).toEqual(['Consul: the ACL token does not allow this (status 403)'])
  expect(JSON.stringify(told)).not.toContain('wrong-secret')
})

test('waits when it is asked to (429), then goes on', async () => {
  const consul = await new ConsulServer().start()
  consul.busy = 1
  const startedAt = performance.now()
  const told = follow(providerOf(consul))
  await expect.poll(() => told.sets.length, wait).toBe(1)
  expect(told.failures).toEqual(['Consul: HTTP status 429'])
  expect(performance.now() - startedAt).toBeGreaterThan(950)
})

test('keeps the last known set while Consul is gone, says so once, and takes up when it is back', async () => {
  const consul = await new ConsulServer().start()
  consul.instances.set('n1/a', near)
  const { clock } = testHost()
  const manager = new Manager([], {}, { clock, random: seeded(1) })
  later(() => manager.close())
  await manager.discover(providerOf(consul))
  expect(await manager.execute(({ id }) => id)).toBe('n1/a')
  await consul.stop()
  const seen = () => manager.events.latest().flatMap(event => ('provider' in event ? [event.type] : []))
  await expect.poll(seen, wait).toEqual(['discovery-failed'])
  expect(await manager.execute(({ id }) => id)).toBe('n1/a')
  consul.instances.set('n1/b', near)
  await consul.start(consul.port)
  await expect.poll(seen, wait).toEqual(['discovery-failed', 'discovery-restored'])
  expect(manager.endpoints().map(({ endpoint }) => endpoint.id)).toEqual(['n1/a', 'n1/b'])
})

test('a provider that cannot be reached at the start leaves no endpoint, and says why', async () => {
  const consul = await new ConsulServer().start()
  await consul.stop()
  const { clock } = testHost()
  const manager = new Manager([], {}, { clock, random: seeded(1) })
  later(() => manager.close())
  await manager.discover(providerOf(consul))
  await expect(manager.execute(() => 1)).rejects.toMatchObject({ code: 'NO_ENDPOINTS' })
  expect(manager.events.latest()[0]).toMatchObject({
    type: 'discovery-failed',
    provider: 'consul:otlp',
    reason: 'Consul: connection refused',
  })
})

test('registers a service, with its check, and takes it back', async () => {
  const consul = await new ConsulServer().start()
  const provider = providerOf(consul)
  const told = follow(provider)
  await provider.register({
    id: 'proxy 1',
    address: '127.0.0.1',
    port: 4318,
    meta: { priority: '2' },
    check: { http: 'http://127.0.0.1:13133', interval: '5s' },
  })
  await expect.poll(() => told.last(), wait).toMatchObject([{ id: 'local/proxy 1', priority: 2 }])
  await provider.deregister('proxy 1')
  await expect.poll(() => told.ids(), wait).toEqual([])
})
