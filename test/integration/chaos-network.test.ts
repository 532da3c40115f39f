import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Outcome } from '../../src/model/outcome.ts'
import { hasGo } from '../collector/build.mjs'
import { Namespaces, rulesOf, whyNoNamespaces } from './namespaces.ts'
import { World } from './process-world.ts'

const why = process.env.CI ? undefined : (await hasGo()) ? whyNoNamespaces() : 'needs Go'

describe.skipIf(why !== undefined)(`partitions between three real collectors in network namespaces (skipped: ${why})`, () => {
  const world = new World()
  let namespaces: Namespaces

  beforeAll(async () => {
    namespaces = new Namespaces()
    await world.start({
      places: namespaces.places,
      section: { netns: namespaces.names.main },
      // The config's own timeout of 5 s would make each turn of the test as long.
      overrides: ['yaml:exporters::otlp/primary::timeout: 1s'],
    })
  }, 300_000)
  afterAll(async () => {
    await world.stop()
    namespaces?.close()
  })

  const allRules = () => [...rulesOf(), ...Object.values(namespaces.names).flatMap(rulesOf)]

  test('level 0 → 1 → 0, and every span is accounted for; no rule is left', async () => {
    const { exit, out, err } = await world.run('chaos', '--json', '--partition', 'primary', '--hold', '2s')
    expect(err).toBe('')
    const { verdict, levels, ledger, faults } = JSON.parse(out) as Outcome
    expect({ exit, verdict, levels: levels.map(({ level }) => level) }).toEqual({ exit: 0, verdict: 'held', levels: [0, 1, 0] })
    expect(faults).toMatchObject([{ kind: 'partition', backend: 'primary' }])
    expect(ledger.lost).toBe(0)
    expect(ledger.delivered.secondary).toBeGreaterThan(0)
    expect(allRules()).toEqual([])
    expect({ pending: world.isPending, guards: world.guards }).toEqual({ pending: false, guards: [] })
  }, 120_000)

  test('kill -9 in the middle: the guard removes the rules within two seconds', async () => {
    const tool = world.tool('chaos', '--partition', 'primary', '--failover-within', '60s', '--hold', '60s')
    const gone = once(tool, 'close')
    for (let turn = 0; turn < 200 && allRules().length < 2; turn++) await sleep(50)
    expect(allRules()).toHaveLength(2)
    tool.kill('SIGKILL')
    await gone
    const took = await world.guarded()
    expect(took).toBeLessThan(2000)
    expect(allRules()).toEqual([])
    await world.unguarded()
    expect(world.guardLog).toMatch(/^undone: partition primary: packets of port \d+ pass again in the network namespace fo/m)
  }, 120_000)

  test.each([['a namespace that there is not', { netns: 'fo-nowhere' }, 4, /there is not the network namespace fo-nowhere\n/]])(
    '%s, before anything is touched',
    async (_, section, exit, message) => {
      const other = new World()
      try {
        await other.start({ section })
        const result = await other.run('chaos', '--partition', 'primary')
        expect(result).toMatchObject({ exit, out: '', err: expect.stringMatching(message) })
        expect(other.leftFiles).toEqual([])
      } finally {
        await other.stop()
      }
    },
    120_000,
  )
})
