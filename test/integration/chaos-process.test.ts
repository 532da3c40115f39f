import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { seeded } from '../../src/core/random.ts'
import type { Outcome } from '../../src/model/outcome.ts'
import { buildCollector, hasGo } from '../collector/build.mjs'
import { freePorts } from './collector-process.ts'

const path = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url))
const NAMES = ['primary', 'secondary'] as const
/** `FAILOVERCTL_KILLS=50` for a long run. */
const KILLS = Number(process.env.FAILOVERCTL_KILLS ?? 5)
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGKILL'] as const
const QUICK = ['--steady', '500ms', '--hold', '1s', '--drain-within', '15s', '--seed', '1', '--quiet']

/** Three real collectors that run as a person has started them, and the project file that describes them. */
class World {
  readonly folder = mkdtempSync(join(tmpdir(), 'failoverctl-process-'))
  configs: string[] = []
  #main: ChildProcess | undefined
  #started: number[] = []
  #tools: ChildProcess[] = []

  async start(overrides: readonly string[] = [], env: Record<string, string> = {}): Promise<void> {
    const binary = await buildCollector()
    const [grpc, http, metrics, ...ports] = (await freePorts(5)) as [number, number, number, number, number]
    const commands = NAMES.map((name, index) => [
      binary,
      `--config=${path(`fixtures/poc/${name}.yaml`)}`,
      `--config=yaml:receivers::otlp::protocols::grpc::endpoint: 127.0.0.1:${ports[index]}`,
      `--config=yaml:exporters::file::path: ${join(this.folder, `${name}.jsonl`)}`,
    ])
    for (const [index, name] of NAMES.entries())
      writeFileSync(join(this.folder, `${name}.pid`), `${this.#spawn(commands[index] ?? [])}\n`)
    await Promise.all(ports.map(answersOn))
    this.configs = [
      path('fixtures/poc/main.yaml'),
      'yaml:connectors::failover/traces::retry_interval: 2s',
      ...NAMES.map((name, index) => `yaml:exporters::otlp/${name}::endpoint: 127.0.0.1:${ports[index]}`),
      `yaml:receivers::otlp::protocols::grpc::endpoint: 127.0.0.1:${grpc}`,
      `yaml:receivers::otlp::protocols::http::endpoint: 127.0.0.1:${http}`,
      `yaml:service::telemetry::metrics::readers: [{pull: {exporter: {prometheus: {host: 127.0.0.1, port: ${metrics}}}}}]`,
      ...overrides,
    ]
    this.#main = spawn(
      binary,
      this.configs.map(location => `--config=${location}`),
      { env: { ...process.env, ...env }, stdio: 'ignore' },
    )
    await answersOn(metrics)
    const backends = Object.fromEntries(
      NAMES.map((name, index) => [name, { start: commands[index], 'pid-file': `${name}.pid`, arrivals: `${name}.jsonl` }]),
    )
    const section = { traffic: `http://127.0.0.1:${http}`, metrics: `http://127.0.0.1:${metrics}/metrics`, backends }
    writeFileSync(join(this.folder, 'failoverctl.yaml'), JSON.stringify({ process: section }))
  }

  tool(...argv: string[]): ChildProcess {
    const configs = this.configs.flatMap(config => ['--config', config])
    const common = argv[1] === 'recover' ? [] : [...QUICK, '--target', 'process', '--collector-version', '0.161.0', ...configs]
    const [command = '', ...rest] = argv
    const child = spawn(process.execPath, [path('bin/failoverctl.js'), command, ...common, ...rest], { cwd: this.folder })
    this.#tools.push(child)
    return child
  }

  async run(...argv: string[]): Promise<{ exit: number | null; out: string; err: string }> {
    const child = this.tool(...argv)
    const result = { out: '', err: '' }
    child.stdout?.on('data', chunk => (result.out += chunk))
    child.stderr?.on('data', chunk => (result.err += chunk))
    const [exit] = (await once(child, 'close')) as [number | null]
    return { exit, ...result }
  }

  pid(name: string): number {
    return Number(readFileSync(join(this.folder, `${name}.pid`), 'utf8'))
  }

  /** `S`, `T` where it is paused, undefined where it is gone or a zombie. */
  state(name: string): string | undefined {
    const stat = `/proc/${this.pid(name)}/stat`
    const text = existsSync(stat) ? readFileSync(stat, 'utf8') : ''
    const state = text.slice(text.lastIndexOf(')') + 2).slice(0, 1)
    return state === '' || state === 'Z' ? undefined : state
  }

  async stop(): Promise<void> {
    for (const tool of this.#tools) tool.kill('SIGKILL')
    for (const pid of [...NAMES.map(name => this.pid(name)), ...this.#started, this.#main?.pid ?? 0]) {
      if (pid > 0) kill(pid)
    }
    rmSync(this.folder, { recursive: true, force: true })
  }

  #spawn([command = '', ...args]: readonly string[]): number {
    const child = spawn(command, args, { stdio: 'ignore' })
    this.#started.push(child.pid as number)
    return child.pid as number
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}

async function answersOn(port: number): Promise<void> {
  const { connect } = await import('node:net')
  for (let turn = 0; turn < 200; turn++) {
    const socket = connect(port, '127.0.0.1')
    const open = await Promise.race([once(socket, 'connect').then(() => true), once(socket, 'error').then(() => false)]).catch(
      () => false,
    )
    socket.destroy()
    if (open) return
    await sleep(100)
  }
  throw new Error(`nobody listens on ${port}`)
}

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
        expect(existsSync(join(world.folder, '.failoverctl/undo.jsonl'))).toBe(false)
      },
      120_000,
    )

    test.each([
      ['--stop', 'SIGKILL', /^undone: stop primary: started again as process \d+\n$/],
      ['--pause', 'SIGKILL', /^undone: pause primary: process \d+ goes on\n$/],
      ['--stop', 'SIGTERM', /^nothing to undo\n$/],
      ['--pause', 'SIGINT', /^nothing to undo\n$/],
    ] as const)(
      '%s, and then the tool gets %s',
      async (flag, signal, said) => {
        const tool = world.tool('chaos', flag, 'primary', '--failover-within', '60s', '--hold', '60s')
        const gone = once(tool, 'close')
        for (let turn = 0; turn < 300 && /[SR]/.test(world.state('primary') ?? ''); turn++) await sleep(50)
        expect(world.state('primary') ?? 'T').toBe('T')
        tool.kill(signal)
        expect(await gone).toEqual(signal === 'SIGKILL' ? [null, 'SIGKILL'] : [130, null])
        if (signal === 'SIGKILL') {
          const refused = await world.run('chaos', '--stop', 'primary')
          expect(refused).toMatchObject({
            exit: 4,
            err: expect.stringMatching(/has left: (stop|pause) primary[\s\S]*chaos recover/),
          })
        }
        const { exit, out } = await world.run('chaos', 'recover')
        expect(out).toMatch(said)
        expect(exit).toBe(0)
        expect(world.state('primary')).toMatch(/[SR]/)
      },
      120_000,
    )
  })

  test(`killed ${KILLS} times at random instants: recover leaves no fault`, async () => {
    const world = new World()
    const random = seeded(Number(process.env.FAILOVERCTL_SEED ?? 7))
    const pick = <T>(...choices: readonly T[]) => choices[Math.floor(random() * choices.length)] as T
    const left = { recovered: 0, byItself: 0 }
    try {
      await world.start()
      for (let turn = 1; turn <= KILLS; turn++) {
        const [fault, signal, afterMs] = [pick('--stop', '--pause', '--kill'), pick(...SIGNALS), 300 + random() * 4000]
        const tool = world.tool('chaos', '--steady', '200ms', fault, 'primary', '--hold', '60s')
        const gone = once(tool, 'close')
        await sleep(afterMs)
        tool.kill(signal)
        await gone
        const { exit, out } = await world.run('chaos', 'recover')
        const what = `turn ${turn}: ${fault}, ${signal} after ${afterMs.toFixed(0)} ms: ${out}`
        expect({ what, exit, states: NAMES.map(name => world.state(name)) }).toMatchObject({
          exit: 0,
          states: [expect.stringMatching(/[SR]/), expect.stringMatching(/[SR]/)],
        })
        expect(existsSync(join(world.folder, '.failoverctl/undo.jsonl'))).toBe(false)
        left[out.startsWith('undone') ? 'recovered' : 'byItself']++
      }
      console.log(`${KILLS} kills: ${left.recovered} taken back by recover, ${left.byItself} by the run or never made`)
    } finally {
      await world.stop()
    }
  }, 600_000)

  describe('a placebo: the batch processor behind the connector', () => {
    const world = new World()
    const overrides = ['yaml:processors::batch: {timeout: 200ms}', 'yaml:service::pipelines::traces/primary::processors: [batch]']
    beforeAll(() => world.start(overrides), 300_000)
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
      await world.start([], { FAILOVER_LEVEL_GAUGE: 'off' })
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
