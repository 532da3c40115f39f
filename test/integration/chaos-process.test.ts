import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { seeded } from '../../src/core/random.ts'
import type { Outcome } from '../../src/model/outcome.ts'
import { hasGo } from '../collector/build.mjs'
import { rulesOf, whyNoNamespaces } from './namespaces.ts'
import { NAMES, World } from './process-world.ts'

/** `FAILOVERCTL_KILLS=50` for a long run. */
const KILLS = Number(process.env.FAILOVERCTL_KILLS ?? 5)
/** With this one, the five turns of a short run have each signal, five kinds of faults, and three kills that the guard has to clear up after. */
const SEED = 783
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGKILL'] as const
/** Rules of the packet filter need root; without it the other faults are still tried. */
const canPartition = process.env.CI !== undefined || whyNoNamespaces() === undefined

describe.skipIf(!(await hasGo()) && !process.env.CI)('chaos on three real collectors (skipped without Go)', () => {
  describe('as the proof of concept', () => {
    const world = new World()
    beforeAll(() => world.start(), 300_000)
    afterAll(() => world.stop())

    test.each([['--stop'], ['--kill']])(
      '%s: level 0 → 1 → 0, and the process is back',
      async flag => {
        const before = world.pid('primary')
        const { exit, out, err } = await world.run('chaos', '--json', flag, 'primary')
        expect(err).toBe('')
        const outcome = JSON.parse(out) as Outcome
        expect(outcome.levels.map(({ level }) => level)).toEqual([0, 1, 0])
        expect(outcome.failover_time_s).toBeLessThan(3)
        expect(outcome.faults[0]?.at_s).toBeLessThanOrEqual(outcome.levels[1]?.at_s ?? 0)
        if (flag === '--stop') expect(outcome).toMatchObject({ verdict: 'held', ledger: { lost: 0, unknown: 0 } })
        expect(exit).toBe(outcome.verdict === 'held' ? 0 : 1)
        expect(outcome.ledger.delivered.secondary).toBeGreaterThan(0)
        expect(world.pid('primary')).not.toBe(before)
        expect(world.state('primary')).toMatch(/[SR]/)
        expect(world.leftFiles).toEqual([])
      },
      120_000,
    )

    test.each([
      ['--stop', 'SIGKILL', /^undone: stop primary: started again as process \d+$/m],
      ['--pause', 'SIGKILL', /^undone: pause primary: process \d+ goes on$/m],
      ['--stop', 'SIGTERM', undefined],
      ['--pause', 'SIGINT', undefined],
    ] as const)(
      '%s, and then the tool gets %s: it, or its guard, takes it back',
      async (flag, signal, said) => {
        const tool = world.tool('chaos', flag, 'primary', '--failover-within', '60s', '--hold', '60s')
        const gone = once(tool, 'close')
        for (let turn = 0; turn < 300 && /[SR]/.test(world.state('primary') ?? ''); turn++) await sleep(50)
        expect(world.state('primary') ?? 'T').toBe('T')
        tool.kill(signal)
        expect(await gone).toEqual(signal === 'SIGKILL' ? [null, 'SIGKILL'] : [130, null])
        expect(await world.guarded()).toBeLessThan(5000)
        await world.unguarded()
        if (said) expect(world.guardLog).toMatch(said)
        expect(await world.run('chaos', 'recover')).toMatchObject({ exit: 0, out: 'nothing to undo\n' })
        expect(world.state('primary')).toMatch(/[SR]/)
      },
      120_000,
    )

    test('the tool and its guard are killed: refused until recover has taken it back', async () => {
      const tool = world.tool('chaos', '--pause', 'primary', '--failover-within', '60s', '--hold', '60s')
      const gone = once(tool, 'close')
      for (let turn = 0; turn < 300 && world.state('primary') !== 'T'; turn++) await sleep(50)
      for (let turn = 0; turn < 100 && world.guards.length === 0; turn++) await sleep(50)
      const [guard] = world.guards
      process.kill(guard as number, 'SIGKILL')
      tool.kill('SIGKILL')
      await gone
      const refused = await world.run('chaos', '--stop', 'primary')
      expect(refused).toMatchObject({ exit: 4, err: expect.stringMatching(/has left: pause primary[\s\S]*chaos recover/) })
      const { exit, out } = await world.run('chaos', 'recover')
      expect({ exit, out }).toEqual({ exit: 0, out: expect.stringMatching(/^undone: pause primary: process \d+ goes on\n$/) })
      expect(world.state('primary')).toMatch(/[SR]/)
    }, 120_000)
  })

  test('a second Ctrl-C leaves at once with the commands by hand, and the guard goes on with the undo', async () => {
    const world = new World()
    try {
      // Its start takes three seconds, and with it the undo of the first Ctrl-C.
      await world.start({ startAgain: command => ['sh', '-c', 'sleep 3; exec "$0" "$@"', ...command] })
      const tool = world.tool('chaos', '--stop', 'primary', '--failover-within', '60s', '--hold', '60s')
      let said = ''
      tool.stderr?.on('data', chunk => (said += chunk))
      const gone = once(tool, 'close')
      for (let turn = 0; turn < 300 && world.state('primary') !== undefined; turn++) await sleep(50)
      tool.kill('SIGINT')
      await sleep(1500)
      expect(tool.exitCode).toBeNull()
      tool.kill('SIGINT')
      expect(await gone).toEqual([130, null])
      expect(said).toMatch(/left before all was taken back.*\n {2}stop primary: sh -c 'sleep 3;/)
      expect(await world.guarded()).toBeLessThan(10_000)
      await world.unguarded()
      expect(world.guardLog).toMatch(/^undone: stop primary: process \d+ runs$/m)
      expect(world.state('primary')).toMatch(/[SR]/)
    } finally {
      await world.stop()
    }
  }, 120_000)

  test(`killed ${KILLS} times at random instants: no fault, rule, guard or file is left`, async () => {
    const world = new World()
    const random = seeded(Number(process.env.FAILOVERCTL_SEED ?? SEED))
    const pick = <T>(...choices: readonly T[]) => choices[Math.floor(random() * choices.length)] as T
    const faults = [
      ...['--stop', '--pause', '--kill', ...(canPartition ? ['--partition'] : [])].map(flag => [flag, 'primary'] as const),
      ['--flap', 'primary=400ms/400ms'] as const,
    ]
    const left = { guarded: 0, byItself: 0, slowest: 0 }
    try {
      await world.start()
      for (let turn = 1; turn <= KILLS; turn++) {
        const [fault, signal, within] = [pick(...faults), pick(...SIGNALS), pick('the start', 'the fault')]
        const afterMs = random() * (within === 'the fault' ? 400 : 4000)
        const tool = world.tool('chaos', '--steady', '200ms', ...fault, '--hold', '60s')
        const gone = once(tool, 'close')
        // Half of them around the instant at which the fault is made.
        for (let wait = 0; wait < 500 && within === 'the fault' && !world.isPending; wait++) await sleep(10)
        await sleep(afterMs)
        tool.kill(signal)
        await gone
        // A tool that died before it stopped what it was to stop: whether that ends is waited for, 30 s.
        const [isLeft, took] = [world.isPending, await world.guarded(45_000)]
        await world.unguarded()
        const what = `turn ${turn}: ${fault.join(' ')}, ${signal} ${afterMs.toFixed(0)} ms after ${within}`
        expect({
          what,
          states: NAMES.map(name => world.state(name)),
          rules: canPartition ? rulesOf(world.ports) : [],
          recover: await world.run('chaos', 'recover'),
          files: world.leftFiles,
        }).toEqual({
          what,
          states: [expect.stringMatching(/[SR]/), expect.stringMatching(/[SR]/)],
          rules: [],
          recover: { exit: 0, out: 'nothing to undo\n', err: '' },
          files: [],
        })
        left[isLeft ? 'guarded' : 'byItself']++
        left.slowest = Math.max(left.slowest, isLeft ? took : 0)
      }
      const { guarded, byItself, slowest } = left
      console.log(
        `${KILLS} kills: ${guarded} taken back by the guard (${slowest.toFixed(0)} ms at most), ${byItself} by the run or never made`,
      )
    } finally {
      await world.stop()
    }
  }, 600_000)

  describe('a placebo: the batch processor behind the connector', () => {
    const world = new World()
    const overrides = ['yaml:processors::batch: {timeout: 200ms}', 'yaml:service::pipelines::traces/primary::processors: [batch]']
    beforeAll(() => world.start({ overrides }), 300_000)
    afterAll(() => world.stop())

    test('deviated, lost to the span, and the reason named', async () => {
      const { exit, out } = await world.run('chaos', '--json', '--stop', 'primary', '--failover-within', '2s')
      const { verdict, reason, ledger, causes } = JSON.parse(out) as Outcome
      expect({ exit, verdict }).toEqual({ exit: 1, verdict: 'deviated' })
      expect(reason).toMatch(/^no failover within 2s: level 0, expected level 1, because batch-hides-errors \(.*:\d+\)/)
      const arrived = new Set(NAMES.flatMap(name => numbersIn(join(world.folder, `${name}.jsonl`))))
      expect(ledger.lost).toBeGreaterThan(0)
      expect(ledger.lost).toBe(ledger.acknowledged - arrived.size)
      expect(ledger.lost_ranges.reduce((sum, [from, to]) => sum + to - from + 1, 0)).toBe(ledger.lost)
      expect(causes[0]).toMatchObject({ rule: 'batch-hides-errors', count: ledger.lost })
    }, 120_000)
  })

  test('a collector without the level gauge: the level is read from what is sent', async () => {
    const world = new World()
    try {
      await world.start({ env: { FAILOVER_LEVEL_GAUGE: 'off' } })
      const { out } = await world.run('chaos', '--json', '--stop', 'primary')
      const { verdict, levels, ledger } = JSON.parse(out) as Outcome
      expect({ verdict, lost: ledger.lost, levels: levels.map(({ level }) => level) }).toEqual({
        verdict: 'held',
        lost: 0,
        levels: [0, 1, 0],
      })
      expect(levels[0]?.evidence).toBe('growth of otelcol_exporter_sent_*')
    } finally {
      await world.stop()
    }
  }, 300_000)
})

/** The last half of a span's trace id is its number. */
const numbersIn = (file: string): string[] => readFileSync(file, 'utf8').match(/"traceId":"[0-9a-f]{32}"/g) ?? []
