import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { SHAPES } from '../../src/kit/wish.ts'
import type { Outcome } from '../../src/model/outcome.ts'
import { hasPromtool } from '../alerts/promtool.ts'
import { buildCollector, hasGo } from '../collector/build.mjs'
import { freePorts } from './collector-process.ts'

const TOOL = fileURLToPath(new URL('../../bin/failoverctl.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'failoverctl-kit-'))
const started: ChildProcess[] = []
afterAll(() => {
  for (const child of started) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

const failoverctl = (cwd: string, ...argv: string[]): string =>
  execFileSync(process.execPath, [TOOL, ...argv], { cwd, encoding: 'utf8' })

async function answers(url: string): Promise<void> {
  for (let turn = 0; turn < 200; turn++) {
    const answer = await fetch(url).catch(() => undefined)
    if (answer?.ok) return
    await sleep(50)
  }
  throw new Error(`${url} does not answer`)
}

const QUICK = ['gateway.yaml', 'yaml:connectors::failover/traces::retry_interval: 1s'].map(location => `--config=${location}`)

/** Releases differ in what they know: the real one that tests build is 0.161. */
const RELEASE = ['--collector-version', '0.161.0']

describe.skipIf(!(await hasGo()) && !process.env.CI)('what init writes (skipped without Go)', () => {
  test.each(Object.keys(SHAPES))('%s: a real collector takes its configs', async shape => {
    const binary = await buildCollector()
    const kit = join(folder, shape)
    failoverctl(folder, 'init', kit, '--shape', shape, ...RELEASE)
    for (const name of ['gateway.yaml', 'agent.yaml'])
      if (existsSync(join(kit, name))) execFileSync(binary, ['validate', `--config=${join(kit, name)}`])
  })

  test.skipIf(!hasPromtool).each(['two-backends', 'three-levels'])(
    '%s: promtool takes its alerts, and their tests pass',
    shape => {
      const said = execFileSync('promtool', ['test', 'rules', 'alerts-tests.yaml'], {
        cwd: join(folder, shape),
        encoding: 'utf8',
      })
      expect(said).toContain('SUCCESS')
    },
  )

  test.each(Object.keys(SHAPES))('%s: fails over and recovers on the lab', shape => {
    const kit = join(folder, shape)
    const outcome = JSON.parse(
      failoverctl(
        kit,
        'chaos',
        '--stop',
        'level0',
        '--json',
        '--quiet',
        '--steady',
        '500ms',
        '--hold',
        '500ms',
        ...QUICK,
        ...RELEASE,
      ),
    )
    expect(outcome).toMatchObject({ verdict: 'held', ledger: { lost: 0 } })
  })

  test('two-backends: fails over and recovers on a real collector', async () => {
    const binary = await buildCollector()
    const kit = join(folder, 'real')
    const [primary, secondary, otlp, metrics, health, grpc] = (await freePorts(6)) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ]
    const urls = [primary, secondary].flatMap(port => ['--endpoint', `http://127.0.0.1:${port}`])
    failoverctl(folder, 'init', kit, '--shape', 'two-backends', ...urls, ...RELEASE)
    mkdirSync(join(kit, 'run'))
    const backends = Object.fromEntries(
      Object.entries({ primary, secondary }).map(([name, port]) => {
        const start = [process.execPath, TOOL, 'sink', '--port', `${port}`, '--no-grpc', '--out', `run/${name}.jsonl`, '--quiet']
        const [command = '', ...words] = start
        const child = spawn(command, words, { cwd: kit, stdio: 'ignore' })
        started.push(child)
        writeFileSync(join(kit, 'run', `${name}.pid`), `${child.pid}\n`)
        return [name, { start, 'pid-file': `run/${name}.pid`, arrivals: `run/${name}.jsonl` }]
      }),
    )
    const overrides = [
      `yaml:receivers::otlp::protocols::http::endpoint: 127.0.0.1:${otlp}`,
      `yaml:receivers::otlp::protocols::grpc::endpoint: 127.0.0.1:${grpc}`,
      `yaml:extensions::health_check::endpoint: 127.0.0.1:${health}`,
      `yaml:extensions::file_storage/queue::directory: ${join(kit, 'run', 'queue')}`,
      `yaml:service::telemetry::metrics::readers: [{pull: {exporter: {prometheus: {host: 127.0.0.1, port: ${metrics}}}}}]`,
      'yaml:connectors::failover/traces::retry_interval: 1s',
    ]
    const configs = [join(kit, 'gateway.yaml'), ...overrides].map(location => `--config=${location}`)
    started.push(spawn(binary, configs, { stdio: 'ignore' }))
    const address = `http://127.0.0.1:${metrics}/metrics`
    await answers(address)
    writeFileSync(
      join(kit, 'processes.json'),
      JSON.stringify({ target: 'process', process: { traffic: `http://127.0.0.1:${otlp}`, metrics: address, backends } }),
    )
    const flags = ['--project', 'processes.json', '--steady', '500ms', '--hold', '1s', '--json', '--quiet', ...RELEASE]
    const outcome = JSON.parse(failoverctl(kit, 'chaos', '--stop', 'level0', ...configs, ...flags)) as Outcome
    expect(outcome).toMatchObject({ verdict: 'held', ledger: { lost: 0 } })
    expect(outcome.levels.map(({ level }) => level)).toEqual([0, 1, 0])
    const state = JSON.parse(failoverctl(kit, 'status', '--collector', address, '--expect-level', '0', '--json'))
    expect(JSON.stringify(state)).toContain('failover/traces')
    // The sink that was started again outlives the tool.
    process.kill(Number(readFileSync(join(kit, 'run', 'primary.pid'), 'utf8')), 'SIGKILL')
  })
})
