import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Outcome } from '../../src/model/outcome.ts'
import { Engine, isInstalled, whyNoEngine } from './engine.ts'
import { World } from './world.ts'

const whyNot = await whyNoEngine()
const hasCompose = process.env.CI !== undefined || (await isInstalled('docker-compose'))
const PRIMARY = 'otel-collector-primary'

describe.skipIf(whyNot)(`chaos on containers of a real engine${whyNot ? ` (skipped: ${whyNot})` : ''}`, () => {
  const engine = new Engine()
  beforeAll(() => engine.start(), 300_000)
  afterAll(() => engine.stop(), 60_000)

  describe('three containers that the project file names', () => {
    const world = new World(engine)
    const docker = (...argv: string[]) => world.run('chaos', '--target', 'docker', ...argv)
    beforeAll(() => world.startByDocker(), 60_000)
    afterAll(() => world.stop(), 60_000)

    test.each([
      ['stop', { verdict: 'held', lost: 0 }],
      ['pause', { verdict: 'held', lost: 0 }],
      ['kill', {}],
    ])(
      '--%s: level 0 → 1 → 0, counted at both, and it runs again',
      async (fault, expected) => {
        const { exit, out, err } = await docker('--json', `--${fault}`, 'primary', '--junit', `${fault}.xml`)
        expect(err).toMatch(/^(wrote \S+\n)*$/)
        const outcome = JSON.parse(out) as Outcome
        expect(outcome.levels.map(({ level }) => level)).toEqual([0, 1, 0])
        expect({ verdict: outcome.verdict, lost: outcome.ledger.lost }).toMatchObject(expected)
        expect(exit).toBe(outcome.verdict === 'held' ? 0 : 1)
        const { primary = 0, secondary = 0 } = outcome.ledger.delivered
        expect(primary).toBeGreaterThan(0)
        expect(secondary).toBeGreaterThan(0)
        expect(outcome.ledger.acknowledged - outcome.ledger.lost).toBeLessThanOrEqual(primary + secondary)
        expect(readFileSync(join(world.folder, `${fault}.xml`), 'utf8')).toContain('<testcase')
        expect(await world.status(PRIMARY)).toBe('running')
        expect(existsSync(join(world.folder, '.failoverctl/undo.jsonl'))).toBe(false)
      },
      60_000,
    )

    test('--crash collector: it is killed, runs again, and goes on at level 0', async () => {
      const before = await engine.docker('container', 'inspect', '--format', '{{.State.Pid}}', 'otel-collector-main')
      const { out } = await docker('--json', '--crash', 'collector')
      const outcome = JSON.parse(out) as Outcome
      expect(outcome.faults).toMatchObject([{ kind: 'crash', backend: 'collector' }])
      expect(outcome.levels.at(-1)?.level).toBe(0)
      expect(await engine.docker('container', 'inspect', '--format', '{{.State.Pid}}', 'otel-collector-main')).not.toBe(before)
    }, 60_000)

    test('killed during --stop: its guard starts the container again', async () => {
      const tool = world.tool('chaos', '--target', 'docker', '--stop', 'primary', '--hold', '60s')
      await world.until(PRIMARY, 'exited')
      tool.kill('SIGKILL')
      await world.until(PRIMARY, 'running')
      expect(await world.run('chaos', 'recover')).toMatchObject({ exit: 0, err: '' })
      expect(existsSync(join(world.folder, '.failoverctl/undo.jsonl'))).toBe(false)
    }, 60_000)

    test('killed during --pause, with its guard: the next run is refused, and recover lets the container go on', async () => {
      const tool = world.tool('chaos', '--target', 'docker', '--pause', 'primary', '--hold', '60s')
      const gone = once(tool, 'close')
      await world.until(PRIMARY, 'paused')
      const guard = await world.guardOf(tool)
      process.kill(guard, 'SIGKILL')
      tool.kill('SIGKILL')
      await gone
      const refused = await docker('--stop', 'primary')
      expect(refused).toMatchObject({ exit: 4, err: expect.stringMatching(/has left: pause primary [\s\S]*chaos recover/) })
      const recovered = await world.run('chaos', 'recover')
      expect(recovered).toMatchObject({ exit: 0, out: `undone: pause primary: container ${PRIMARY} goes on\n` })
      expect(await world.status(PRIMARY)).toBe('running')
    }, 60_000)

    test('removed while it is stopped: said, with exit 4, and recover has nothing left to do', async () => {
      const running = docker('--stop', 'primary', '--hold', '2s')
      await world.until(PRIMARY, 'exited')
      await engine.docker('rm', PRIMARY)
      const { exit, err } = await running
      expect(exit).toBe(4)
      expect(err).toContain(`container ${PRIMARY} is gone: somebody removed it while it was made to fail`)
      expect(await world.run('chaos', 'recover')).toMatchObject({ exit: 0, err: '' })
      expect(existsSync(join(world.folder, '.failoverctl/undo.jsonl'))).toBe(false)
      expect(await docker('--stop', 'primary')).toMatchObject({
        exit: 4,
        err: expect.stringContaining(`there is no container ${PRIMARY}`),
      })
    }, 60_000)
  })

  test('a placebo: the batch processor behind the connector; deviated, and lost to the span', async () => {
    const world = new World(engine)
    try {
      const behind = ['yaml:processors::batch: {timeout: 200ms}', 'yaml:service::pipelines::traces/primary::processors: [batch]']
      await world.startByDocker(behind)
      const configs = behind.flatMap(config => ['--config', config])
      const { exit, out } = await world.run(
        'chaos',
        '--target',
        'docker',
        '--json',
        '--stop',
        'primary',
        '--failover-within',
        '1s',
        ...configs,
      )
      const { verdict, reason, ledger, causes } = JSON.parse(out) as Outcome
      expect({ exit, verdict }).toEqual({ exit: 1, verdict: 'deviated' })
      expect(reason).toContain('batch-hides-errors')
      await engine.docker('cp', 'otel-collector-secondary:/secondary.jsonl', join(world.folder, 'secondary.jsonl'))
      const arrived = new Set(['arrivals/primary.jsonl', 'secondary.jsonl'].flatMap(file => numbersIn(join(world.folder, file))))
      expect(ledger.lost).toBeGreaterThan(0)
      expect(ledger.lost).toBe(ledger.acknowledged - arrived.size)
      expect(causes[0]).toMatchObject({ rule: 'batch-hides-errors', count: ledger.lost })
    } finally {
      await world.stop()
    }
  }, 90_000)

  describe.skipIf(!hasCompose)(
    `the Compose file of the proof of concept${hasCompose ? '' : ' (skipped: there is no docker-compose)'}`,
    () => {
      const world = new World(engine)
      const compose = (...argv: string[]) => world.run('chaos', '--target', 'compose', '--compose', 'compose.yaml', ...argv)
      beforeAll(() => world.startByCompose(), 60_000)
      afterAll(() => world.stop(), 60_000)

      test('no more than the file is named: all else is found', async () => {
        const { exit, out } = await compose('--json', '--stop', 'primary')
        const { verdict, levels, ledger } = JSON.parse(out) as Outcome
        expect({ exit, verdict, lost: ledger.lost, levels: levels.map(({ level }) => level) }).toEqual({
          exit: 0,
          verdict: 'held',
          lost: 0,
          levels: [0, 1, 0],
        })
        expect(await world.status(PRIMARY)).toBe('running')
      }, 60_000)

      test('a project that does not run: said before anything happens', async () => {
        const { exit, err } = await compose('--compose-project', 'other', '--stop', 'primary')
        expect(exit).toBe(4)
        expect(err).toContain(
          'no containers of compose.yaml in the project other\nStart them: docker compose -f compose.yaml up -d',
        )
      })
    },
  )

  test('an engine that does not run: exit 4, and where it was looked for', async () => {
    const other = new Engine()
    const world = new World(other)
    try {
      await world.prepare()
      const { exit, err } = await world.run('chaos', '--target', 'docker', '--stop', 'primary')
      expect(exit).toBe(4)
      expect(err).toMatch(new RegExp(`^failoverctl: no container engine answers at ${other.socket}\n`))
    } finally {
      world.dispose()
      await other.stop()
    }
  })
})

/** The last half of a span's trace id is its number. */
const numbersIn = (file: string): string[] => readFileSync(file, 'utf8').match(/"traceId":"[0-9a-f]{32}"/g) ?? []
