import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Outcome } from '../../src/model/outcome.ts'
import { hasGo } from '../collector/build.mjs'
import { freePorts } from './collector-process.ts'
import { World } from './process-world.ts'

describe.skipIf(!(await hasGo()) && !process.env.CI)('the fault proxy between three real collectors (skipped without Go)', () => {
  const world = new World()

  beforeAll(async () => {
    const [listen] = (await freePorts(1)) as [number]
    await world.start({
      endpoint: (name, port) => `127.0.0.1:${name === 'primary' ? listen : port}`,
      backend: (name, port) =>
        name === 'primary' ? { proxy: { listen: `127.0.0.1:${listen}`, upstream: `127.0.0.1:${port}` } } : {},
      overrides: ['yaml:exporters::otlp/primary::timeout: 1s'],
    })
  }, 300_000)
  afterAll(() => world.stop())

  /** Reset and hang leave open whether the request was taken: those spans may come twice. */
  test.each<[fault: string[], levels: number[], held: boolean]>([
    [['--reject', 'primary=503'], [0, 1, 0], true],
    [['--reset', 'primary'], [0, 1, 0], true],
    [['--partition', 'primary'], [0, 1, 0], true],
    [['--latency', 'primary=200ms'], [0], true],
    [['--partial-success', 'primary=50%'], [0], false],
  ])(
    '%j: levels %j',
    async (fault, levels, held) => {
      const { exit, out, err } = await world.run('chaos', '--json', ...fault)
      expect(err).toBe('')
      const outcome = JSON.parse(out) as Outcome
      // Before the fault, the collector finds the proxy, which is new to it.
      const since = outcome.levels.findLastIndex(({ at_s }) => at_s < (outcome.faults[0]?.at_s ?? 0))
      const seen = outcome.levels.slice(since).map(({ level }) => level)
      expect({ seen, verdict: outcome.verdict, exit }).toEqual({
        seen: levels,
        verdict: held ? 'held' : 'deviated',
        exit: held ? 0 : 1,
      })
      if (held) expect(outcome.ledger.lost).toBe(0)
      // What a partial success rejects is acknowledged to the sender, and nobody sends it again.
      else expect(outcome.ledger.lost).toBeGreaterThan(0)
      expect(world.leftFiles).toEqual([])
      await world.unguarded()
    },
    120_000,
  )

  test('an exporter that sends past the proxy: exit 2, and where it should send', async () => {
    const result = await world.run(
      'chaos',
      '--reject',
      'primary=503',
      '--config',
      'yaml:exporters::otlp/primary::endpoint: 127.0.0.1:9',
    )
    expect(result).toMatchObject({
      exit: 2,
      out: '',
      err: expect.stringMatching(/^failoverctl: otlp\/primary sends to 127\.0\.0\.1:9, and the proxy before primary listens on/),
    })
  }, 60_000)

  test('a backend without a proxy cannot reject, and is told why', async () => {
    const result = await world.run('chaos', '--reject', 'level0=503', '--reject', 'secondary=503')
    expect(result).toMatchObject({
      exit: 4,
      err: expect.stringMatching(/reject secondary cannot be done with .*: the project file names no `proxy` before it/),
    })
  }, 60_000)

  test('a proxy that listens where it sends to: exit 2', async () => {
    const file = join(world.folder, 'loop.yaml')
    const backend = { start: ['x'], 'pid-file': 'x', arrivals: 'x', proxy: { listen: '127.0.0.1:1', upstream: '127.0.0.1:1' } }
    const section = { traffic: 'http://127.0.0.1:1', metrics: 'http://127.0.0.1:1', backends: { primary: backend } }
    writeFileSync(file, JSON.stringify({ process: section }))
    const result = await world.run('chaos', '--stop', 'primary', '--project', file)
    expect(result).toMatchObject({
      exit: 2,
      err: expect.stringContaining('process.backends.primary.proxy listens where it sends to'),
    })
  }, 60_000)
})
