import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HOST } from '../../src/chaos/network/place.ts'
import { shapeLines } from '../../src/chaos/network/shaping.ts'
import type { Outcome } from '../../src/model/outcome.ts'
import { hasGo } from '../collector/build.mjs'
import { Namespaces, rulesOf, whyNoNamespaces } from './namespaces.ts'
import { World, type WorldSettings } from './process-world.ts'

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

  const allRules = () => [undefined, ...Object.values(namespaces.names)].flatMap(name => rulesOf(world.ports, name))

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

  test('the place may be that of the backend: packets to its port are dropped there', async () => {
    const file = join(world.folder, 'other.json')
    const { process: section } = JSON.parse(readFileSync(join(world.folder, 'failoverctl.yaml'), 'utf8'))
    const { primary, secondary } = section.backends
    const backends = { primary: { ...primary, netns: namespaces.names.primary }, secondary }
    const { netns: _, ...rest } = section
    writeFileSync(file, JSON.stringify({ process: { ...rest, backends } }))
    const running = world.run('chaos', '--json', '--partition', 'primary', '--project', file)
    for (let turn = 0; turn < 300 && allRules().length < 4; turn++) await sleep(20)
    expect(rulesOf(world.ports, namespaces.names.primary)).toHaveLength(4)
    expect(rulesOf(world.ports, namespaces.names.main)).toEqual([])
    const { exit, out } = await running
    expect({ exit, levels: (JSON.parse(out) as Outcome).levels.map(({ level }) => level) }).toEqual({
      exit: 0,
      levels: [0, 1, 0],
    })
    expect(allRules()).toEqual([])
  }, 120_000)

  test('without the right to change rules: exit 4, the reason, and nothing is touched', async () => {
    const { exit, out, err } = await world.runBy(
      ['setpriv', '--bounding-set', '-net_admin,-sys_admin'],
      'chaos',
      '--partition',
      'primary',
    )
    expect({ exit, out }).toEqual({ exit: 4, out: '' })
    expect(err).toMatch(/partition primary cannot be done with .*: .*needs root, or CAP_NET_ADMIN/)
    expect(world.leftFiles).toEqual([])
    await world.unguarded()
  }, 60_000)

  test('latency: done where the kernel has sch_netem, and otherwise refused before the first step', async () => {
    const { status } = spawnSync('unshare', ['--net', 'tc', 'qdisc', 'add', 'dev', 'lo', 'root', 'netem', 'delay', '1ms'])
    const { exit, err } = await world.run('chaos', '--latency', 'primary=100ms')
    if (status === 0) expect({ exit, err }).toEqual({ exit: 0, err: '' })
    else expect({ exit, err }).toEqual({ exit: 4, err: expect.stringMatching(/this kernel has no sch_netem/) })
    await world.unguarded()
  }, 60_000)

  /** tc ends with 1 for words that it does not know, and with 2 for what the kernel does not have. */
  test.each([
    ['remote', ['127.0.0.1', '::1']],
    ['local', []],
  ] as const)('tc understands every word of a latency and a loss, the port being %s', (side, addresses) => {
    const lines = shapeLines({ place: HOST, side, addresses, port: 4317 }, 'lo', { delayMs: 200, lossShare: 0.125 })
    expect(lines).toHaveLength(4)
    const tried = lines.map(line => ({ line, ...spawnSync('unshare', ['--net', 'tc', ...line], { encoding: 'utf8' }) }))
    expect(tried.filter(({ status }) => status !== 0 && status !== 2)).toEqual([])
    expect(spawnSync('unshare', ['--net', 'tc', ...(lines[1] as string[]), 'dealy', '1ms']).status).toBe(1)
  })

  test('a target that is gone in the middle: exit 4 with its name, and no rule is left', async () => {
    const tool = world.tool('chaos', '--steady', '4s', '--partition', 'primary')
    let said = ''
    tool.stderr?.on('data', chunk => (said += chunk))
    const gone = once(tool, 'close')
    await sleep(3500)
    const pid = world.pid('primary')
    process.kill(pid, 'SIGKILL')
    expect({ said, ended: await gone }).toMatchObject({ ended: [4, null] })
    expect(said).toMatch(new RegExp(`process ${pid} of primary .* does not run`))
    expect({ rules: allRules(), files: world.leftFiles }).toEqual({ rules: [], files: [] })
  }, 60_000)
})

describe.skipIf(why !== undefined)(`bad places and ports (skipped: ${why})`, () => {
  test.each<[what: string, settings: (other: number) => WorldSettings, message: RegExp]>([
    [
      'a namespace that there is not',
      () => ({ section: { netns: 'fo-nowhere' } }),
      /there is not the network namespace fo-nowhere\n/,
    ],
    [
      'the port of another service',
      other => ({ endpoint: (name, port) => `127.0.0.1:${name === 'primary' ? other : port}` }),
      /partition primary cannot be done with .*: port \d+ belongs to .* \(process \d+\), not to its process \d+/,
    ],
  ])(
    '%s: exit 4 before anything is touched',
    async (_, settings, message) => {
      const world = new World()
      const server = createServer().listen(0, '127.0.0.1')
      await once(server, 'listening')
      try {
        await world.start(settings((server.address() as AddressInfo).port))
        const result = await world.run('chaos', '--partition', 'primary')
        expect(result).toMatchObject({ exit: 4, out: '', err: expect.stringMatching(message) })
        expect({ files: world.leftFiles, rules: rulesOf(world.ports) }).toEqual({ files: [], rules: [] })
        await world.unguarded()
      } finally {
        await world.stop()
        server.close()
      }
    },
    120_000,
  )
})
