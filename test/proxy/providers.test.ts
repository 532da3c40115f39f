import { expect, test } from 'vitest'
import { Manager } from '../../src/failover/manager.ts'
import { providerOf } from '../../src/proxy/providers.ts'
import { fakeHost } from '../fake-host.ts'

test.each(['nonsense', 'a b', 'http://h:99999', 'ftp://h:1', 'http://'])(
  '%j, which no client can ask, is told, and leaves the last known endpoints',
  async url => {
    const host = fakeHost({ files: { 'e.yaml': '[http://a]' } })
    const manager = new Manager([], {}, host)
    await manager.discover(providerOf({ file: 'e.yaml' }, host))
    host.contents.set('e.yaml', new TextEncoder().encode(JSON.stringify([{ url, id: 'bad' }, 'http://b'])))
    await host.clock.advance(3000)
    expect(manager.endpoints().map(({ endpoint }) => endpoint.url)).toEqual(['http://a'])
    expect(manager.events.latest(1)).toMatchObject([
      { type: 'discovery-failed', reason: expect.stringContaining('is not an http or https address') },
    ])
    await manager.close()
  },
)
