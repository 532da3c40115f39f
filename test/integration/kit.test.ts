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

  test.each([
    ['two-backends', 'level0', [0, 1, 0]],
    ['three-levels', 'primary,secondary', [0, 2, 0]],
  ])('%s: fails over and recovers on a real collector when %s stops', async (shape, stopped, levels) => {
    const binary = await buildCollector()
    const kit = join(folder, `real-${shape}`)
    const [primary, secondary, otlp, metrics, health, grpc] = (await freePorts(6)) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ]
    const urls = [primary, secondary].flatMap(port => ['--endpoint', `http://127.0.0.1:${port}`])
    failoverctl(folder, 'init', kit, '--shape', shape, ...urls, ...RELEASE)
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
      ...(shape === 'two-backends'
        ? [`yaml:extensions::file_storage/queue::directory: ${join(kit, 'run', 'queue')}`]
        : ['traces', 'metrics', 'logs'].map(
            signal => `yaml:exporters::file/backup-${signal}::path: ${join(kit, 'run', `${signal}.jsonl`)}`,
          )),
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
    const outcome = JSON.parse(failoverctl(kit, 'chaos', '--stop', stopped, ...configs, ...flags)) as Outcome
    expect(outcome).toMatchObject({ verdict: 'held', ledger: { lost: 0 } })
    // On its way down it may be seen at the level in between.
    const seen = outcome.levels.map(({ level }) => level)
    expect([seen[0], Math.max(...seen), seen.at(-1)]).toEqual(levels)
    const state = JSON.parse(failoverctl(kit, 'status', '--collector', address, '--expect-level', '0', '--json'))
    expect(JSON.stringify(state)).toContain('failover/traces')
    // The sinks that were started again outlive the tool.
    for (const name of stopped === 'level0' ? ['primary'] : ['primary', 'secondary'])
      process.kill(Number(readFileSync(join(kit, 'run', `${name}.pid`), 'utf8')), 'SIGKILL')
  })
})
