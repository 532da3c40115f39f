import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { buildCollector, hasGo } from '../collector/build.mjs'
import { testHost } from '../real-host.ts'
import { freePorts } from './collector-process.ts'

describe.skipIf(!process.env.CI && !(await hasGo()))(
  'deploy to a file that a real collector reads (needs Go to build it)',
  () => {
    const cwd = process.cwd()
    let binary: string
    let folder: string
    let ports: { otlp: number; health: number; metrics: number; backend: number }
    let supervisor: Supervisor

    beforeAll(async () => {
      binary = await buildCollector()
    }, 600_000)
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'failoverctl-deploy-file-'))
      process.chdir(folder)
      const [otlp = 0, health = 0, metrics = 0, backend = 0] = await freePorts(4)
      ports = { otlp, health, metrics, backend }
      await writeFile('running.yaml', config(512))
      supervisor = new Supervisor(binary, ['--config=running.yaml'], folder)
      await supervisor.start()
      await expect.poll(healthy, { timeout: 15_000 }).toBe(true)
    })
    afterEach(async () => {
      await supervisor.stop()
      process.chdir(cwd)
      await rm(folder, { recursive: true, force: true })
    })
    afterAll(() => process.chdir(cwd))

    const healthy = () =>
      fetch(`http://127.0.0.1:${ports.health}/`).then(
        ({ ok }) => ok,
        () => false,
      )
    const config = (mib: number, more = '') => `
extensions: { health_check: { endpoint: "127.0.0.1:${ports.health}" } }
receivers: { otlp: { protocols: { http: { endpoint: "127.0.0.1:${ports.otlp}" } } } }
exporters:
  otlp_http/primary: { endpoint: "http://127.0.0.1:${ports.backend}", sending_queue: { enabled: false }, retry_on_failure: { enabled: false }, timeout: 5s }
  file/backup: { path: ${folder}/backup-${mib}.jsonl, append: true }
connectors:
  failover: { retry_interval: 9s, priority_levels: [[traces/primary], [traces/backup]], sending_queue: { enabled: false } }
service:
  extensions: [health_check]
  telemetry: { metrics: { readers: [{ pull: { exporter: { prometheus: { host: 127.0.0.1, port: ${ports.metrics} } } } }] } }
  pipelines:
    traces: { receivers: [otlp], exporters: [failover] }
    traces/primary: { receivers: [failover], exporters: [otlp_http/primary] }
    traces/backup: { receivers: [failover], exporters: [file/backup] }
${more}`
    const deploy = async (text: string, more: readonly string[] = [], host = testHost({ USER: 'tester' })) => {
      await writeFile('new.yaml', text)
      const target = ['--to', 'file:running.yaml', '--pid-file', 'pid', '--hold', '1s', '--timeout', '15s']
      const exit = await main(['deploy', 'new.yaml', ...target, ...more], host)
      return { exit, ...host.printed }
    }
    const current = () => readFile('running.yaml', 'utf8')
    const loads = () => supervisor.log.split('Everything is ready').length - 1

    test('a good config is read anew by the same process', async () => {
      const pid = await readFile('pid', 'utf8')
      const done = await deploy(config(400))
      expect([done.exit, done.out, done.err]).toEqual([0, expect.stringContaining('deployed'), expect.any(String)])
      expect(await current()).toBe(config(400))
      expect([await readFile('pid', 'utf8'), loads()]).toEqual([pid, 2])
      expect(await healthy()).toBe(true)
    }, 60_000)

    test('what is kept of it is for its owner alone', async () => {
      const done = await deploy(config(400), ['--no-probes', '--hold', '0s'])
      expect(done.exit).toBe(0)
      const modes = async (name: string) => ((await stat(name)).mode & 0o777).toString(8)
      expect(await modes('.failoverctl/deploy')).toBe('700')
      const records = (await readdir('.failoverctl/deploy')).filter(name => name.endsWith('.json'))
      expect(await Promise.all(records.map(name => modes(join('.failoverctl/deploy', name))))).toEqual(['600'])
    }, 60_000)

    test('one that the collector cannot run ends it; its supervisor starts it with the old one again', async () => {
      const old = await current()
      const done = await deploy(config(400).replace(`127.0.0.1:${ports.otlp}`, '203.0.113.1:4318'))
      expect([done.exit, done.out]).toEqual([1, expect.stringContaining('the old state runs')])
      expect(await current()).toBe(old)
      expect(await healthy()).toBe(true)
    }, 60_000)

    test('without a supervisor it says so, and that the old config is in its place', async () => {
      supervisor.gives = false
      const old = await current()
      const done = await deploy(config(400).replace(`127.0.0.1:${ports.otlp}`, '203.0.113.1:4318'), ['--timeout', '3s'])
      expect([done.exit, done.out]).toEqual([5, expect.stringContaining('no collector runs; the old config is in its place')])
      expect(await current()).toBe(old)
      // Once somebody has started it, what is left is ended.
      supervisor.gives = true
      await supervisor.start()
      const host = testHost()
      expect(await main(['deploy', 'recover', '--timeout', '10s'], host)).toBe(0)
      expect(host.printed.out).toContain('the old state runs')
    }, 60_000)

    test('Ctrl-C rolls back', async () => {
      const old = await current()
      const host = testHost()
      const deploying = deploy(config(400), ['--hold', '30s'], host)
      await expect.poll(() => host.printed.err, { timeout: 15_000 }).toContain('watch for 30s')
      host.interrupt()
      const done = await deploying
      expect([done.exit, done.out]).toEqual([130, expect.stringContaining('rolled back')])
      expect(await current()).toBe(old)
      expect(await healthy()).toBe(true)
    }, 60_000)

    test('a change by somebody else in between stays', async () => {
      const host = testHost()
      const deploying = deploy(config(400), ['--hold', '6s'], host)
      await expect.poll(() => host.printed.err, { timeout: 15_000 }).toContain('watch for 6s')
      await writeFile('running.yaml', config(999))
      const done = await deploying
      expect([done.exit, done.out]).toEqual([5, expect.stringContaining('somebody else changed running.yaml')])
      expect(await current()).toBe(config(999))
    }, 60_000)
  },
)

/** Starts a program again when it ends, as systemd does, and keeps its number in the file `pid`. */
class Supervisor {
  log = ''
  gives = true
  #stopped = false
  #child: ChildProcess | undefined
  #argv: readonly [string, readonly string[], string]

  constructor(command: string, words: readonly string[], cwd: string) {
    this.#argv = [command, words, cwd]
  }

  async start(): Promise<void> {
    const [command, words, cwd] = this.#argv
    const child = spawn(command, words, { cwd, stdio: ['ignore', 'ignore', 'pipe'] })
    this.#child = child
    child.stderr.setEncoding('utf8').on('data', part => {
      this.log += part
    })
    child.once('exit', () => {
      if (!this.#stopped && this.gives) setTimeout(() => void (this.#stopped || this.start()), 300)
    })
    await writeFile(join(cwd, 'pid'), String(child.pid))
  }

  async stop(): Promise<void> {
    this.#stopped = true
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
}
