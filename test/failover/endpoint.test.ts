import { describe, expect, test } from 'vitest'
import { VirtualClock } from '../../src/core/clock.ts'
import { seeded } from '../../src/core/random.ts'
import { dnsSrvProvider, endpointsOf } from '../../src/failover/discovery/dns-srv.ts'
import { fileProvider } from '../../src/failover/discovery/file.ts'
import { jsonLines } from '../../src/failover/discovery/json-lines.ts'
import { mockProvider } from '../../src/failover/discovery/mock.ts'
import { staticProvider } from '../../src/failover/discovery/static.ts'
import { endpoints, parseEndpoint } from '../../src/failover/endpoint.ts'
import { Manager } from '../../src/failover/manager.ts'
import { fakeHost } from '../fake-host.ts'

describe('an endpoint in a flag', () => {
  test('has its settings behind the address', () => {
    expect(parseEndpoint('http://h:4318;priority=1;weight=3;region=eu;zone=a;tags=x,y;id=near;name=otlp')).toEqual({
      url: 'http://h:4318',
      id: 'near',
      name: 'otlp',
      priority: 1,
      weight: 3,
      region: 'eu',
      zone: 'a',
      tags: ['x', 'y'],
    })
    expect(parseEndpoint('https://h')).toEqual({ url: 'https://h', id: 'https://h', priority: 0, weight: 1, tags: [] })
  })

  test.each([
    ['localhost:4318', 'is not an http or https address'],
    ['http://h;weight=-1', 'weight -1'],
    ['http://h;weight=heavy', 'weight heavy is no number'],
    ['http://h;priority=0.5', 'priority 0.5'],
    ['http://h;colour=red', 'colour is no setting'],
    ['http://h;nonsense', 'a part without ='],
    ['', 'an endpoint needs an address'],
  ])('%j is refused: %s', (text, message) => {
    expect(() => parseEndpoint(text)).toThrow(
      expect.objectContaining({ code: 'wrong-use', message: expect.stringContaining(message) }),
    )
  })

  test('shows no secret of its address', () => {
    expect(parseEndpoint('http://me:hush@h/x?token=hush').id).toBe('http://h/x')
    expect(() => parseEndpoint('ftp://me:hush@h')).toThrow(/^((?!hush).)*$/)
  })
})

test('two endpoints with one id are refused', () => {
  expect(() => endpoints([{ url: 'http://h' }, { url: 'http://h' }])).toThrow('two endpoints have the id http://h')
})

function following() {
  const host = fakeHost()
  const manager = new Manager([], {}, { clock: host.clock, random: seeded(1) })
  return {
    host,
    manager,
    ids: () => manager.endpoints().map(({ endpoint }) => endpoint.id),
    events: () =>
      manager.events
        .latest()
        .flatMap(event => ('provider' in event ? [`${event.type} ${'reason' in event ? event.reason : ''}`.trim()] : [])),
  }
}

describe('a provider', () => {
  test('of a fixed set finds it at once', async () => {
    const { manager, ids } = following()
    await manager.discover(staticProvider([{ id: 'a', url: 'http://a' }]))
    expect(ids()).toEqual(['a'])
  })

  test('that fails keeps the last known set, and says so once', async () => {
    const { manager, ids, events } = following()
    const mock = mockProvider()
    mock.set([{ id: 'a', url: 'http://a' }])
    await manager.discover(mock)
    mock.fail('gone')
    mock.fail('gone')
    expect([ids(), events()]).toEqual([['a'], ['discovery-failed gone']])
    mock.set([])
    expect([ids(), events()]).toEqual([[], ['discovery-failed gone', 'discovery-restored']])
    await manager.close()
  })

  test('that finds what cannot be keeps the last known set', async () => {
    const { manager, ids, events } = following()
    const mock = mockProvider()
    mock.set([{ id: 'a', url: 'http://a' }])
    await manager.discover(mock)
    mock.set([{ id: 'b', url: 'http://b', weight: -1 }])
    mock.set([
      { id: 'b', url: 'http://b' },
      { id: 'b', url: 'http://c' },
    ])
    expect(ids()).toEqual(['a'])
    expect(events()).toEqual(['discovery-failed endpoint b: weight -1 is not a number of at least 0'])
    await manager.close()
  })

  test('is one of several: of two endpoints with one id the first stays', async () => {
    const { manager } = following()
    manager.setEndpoints([{ id: 'a', url: 'http://by-hand' }])
    await manager.discover(
      staticProvider([
        { id: 'a', url: 'http://found' },
        { id: 'b', url: 'http://b' },
      ]),
    )
    expect(manager.endpoints().map(({ endpoint }) => endpoint.url)).toEqual(['http://by-hand', 'http://b'])
  })

  test('of the same name as another is one of its own: one service in two datacenters', async () => {
    const { manager, ids } = following()
    const [near, far] = [mockProvider(), mockProvider()]
    near.set([{ id: 'a', url: 'http://a' }])
    far.set([{ id: 'b', url: 'http://b' }])
    await manager.discover(near)
    await manager.discover(far)
    expect(ids()).toEqual(['a', 'b'])
    near.set([])
    expect(ids()).toEqual(['b'])
    await manager.close()
  })

  test('named first comes first, also when it answers last', async () => {
    const { manager, ids } = following()
    const [near, far] = [mockProvider(), mockProvider()]
    const first = manager.discover(near)
    far.set([
      { id: 'b', url: 'http://b' },
      { id: 'both', url: 'http://far' },
    ])
    await manager.discover(far)
    near.set([
      { id: 'a', url: 'http://a' },
      { id: 'both', url: 'http://near' },
    ])
    await first
    expect(ids()).toEqual(['a', 'both', 'b'])
    expect(manager.endpoints()[1]?.endpoint.url).toBe('http://near')
    await manager.close()
  })

  test('of a file understands an endpoint in one line, as flags and proxy.yaml say it', async () => {
    const { host, manager, events } = following()
    const write = (text: string) => host.contents.set('e.yaml', new TextEncoder().encode(text))
    write('- http://a:1;id=near;priority=1;weight=3;region=eu\n')
    await manager.discover(fileProvider('e.yaml', { ...host, random: seeded(1) }))
    const [view] = manager.endpoints()
    expect(view?.endpoint).toMatchObject({ url: 'http://a:1', id: 'near', priority: 1, weight: 3, region: 'eu' })
    write('- http://a:1;wieght=3\n')
    await host.clock.advance(40_000)
    expect(events()).toEqual(['discovery-failed endpoint http://a:1: wieght is no setting of an endpoint'])
    await manager.close()
  })

  test('of a file reads it anew when it changes; a broken one is told until it is mended', async () => {
    const { host, manager, ids, events } = following()
    const write = (text: string) => host.contents.set('e.yaml', new TextEncoder().encode(text))
    write('- http://a\n- {url: http://b, priority: 1}\n')
    await manager.discover(fileProvider('e.yaml', { ...host, random: seeded(1) }))
    expect(ids()).toEqual(['http://a', 'http://b'])
    for (const [text, reason] of [
      ['endpoints: 5', 'e.yaml: expected a list of endpoints'],
      ['- {url: http://a, wieght: 3}', 'endpoint 1 is not as expected'],
      ['- {{', 'e.yaml'],
    ] as const) {
      write(text)
      await host.clock.advance(40_000)
      expect(events().at(-1)).toMatch(new RegExp(`discovery-failed.*${reason}`))
      expect(ids()).toEqual(['http://a', 'http://b'])
      write('endpoints: [{id: c, url: http://c}]')
      await host.clock.advance(40_000)
      expect([ids(), events().at(-1)]).toEqual([['c'], 'discovery-restored'])
      write('- http://a\n- {url: http://b, priority: 1}\n')
      await host.clock.advance(3000)
    }
    host.contents.delete('e.yaml')
    await host.clock.advance(3000)
    expect(events().at(-1)).toBe('discovery-failed e.yaml: no such file')
    await manager.close()
    expect(host.clock.pending).toBe(0)
  })

  test('of DNS keeps priorities and weights of its records', async () => {
    const clock = new VirtualClock()
    const records = [
      { name: 'a', port: 1, priority: 2, weight: 0 },
      { name: 'b', port: 2, priority: 1, weight: 5 },
    ]
    const answers = [
      async () => records,
      async () => Promise.reject(new Error('the name server gave no answer')),
      async () => [records[0]!],
      // RFC 2782: the service is decidedly not there; Node gives the root as an empty name.
      async () => [{ name: '', port: 0, priority: 0, weight: 0 }],
    ]
    const manager = new Manager([], {}, { clock, random: seeded(1) })
    const network = { services: () => answers.shift()!() }
    await manager.discover(dnsSrvProvider({ name: '_otlp._tcp.x', intervalMs: 1000 }, { clock, random: seeded(1), network }))
    const seen = () => manager.endpoints().map(({ endpoint: { id, priority, weight } }) => [id, priority, weight])
    expect(seen()).toEqual([
      ['a:1', 2, 0.1],
      ['b:2', 1, 5],
    ])
    await clock.advance(1000)
    expect(seen()).toHaveLength(2)
    await clock.advance(1000)
    expect(seen()).toEqual([['a:1', 2, 1]])
    await clock.advance(1000)
    expect(seen()).toEqual([])
    await manager.close()
    expect(clock.pending).toBe(0)
  })
})

test('records of DNS come in one order, whatever the order of the answer', () => {
  const records = ['b', 'a', 'c'].map(name => ({ name, port: 1, priority: 0, weight: 1 }))
  const ids = (all: typeof records) => endpointsOf(all, 'http').map(({ id }) => id)
  expect(ids(records)).toEqual(['a:1', 'b:1', 'c:1'])
  expect(ids(records.toReversed())).toEqual(ids(records))
})

test('lines of JSON are told as they are complete, however they are cut', async () => {
  const bytes = new TextEncoder().encode('{"a":"é"}\n\n{"b":2}\n{"half":')
  for (const size of [1, 3, 100]) {
    const cut = (async function* () {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
    })()
    const values: unknown[] = []
    for await (const value of jsonLines(cut)) values.push(value)
    expect(values).toEqual([{ a: 'é' }, { b: 2 }])
  }
})
