import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { stringify } from 'yaml'
import { main } from '../../src/cli/main.ts'
import { freePorts } from '../integration/collector-process.ts'
import { testHost } from '../real-host.ts'
import { Engine, IMAGE, isInstalled, whyNoEngine } from './engine.ts'

const whyNot = (await whyNoEngine()) ?? (await whyNoCompose())
const PROJECT = 'deploytest'
/** Of nobody on this machine: what owned the config before owns it afterwards. */
const OWNER = 12345

async function whyNoCompose(): Promise<string | undefined> {
  return process.env.CI || (await isInstalled('docker-compose')) ? undefined : 'there is no docker-compose'
}

describe.skipIf(whyNot)(`deploy to containers of a real engine${whyNot ? ` (skipped: ${whyNot})` : ''}`, () => {
  const engine = new Engine()
  const cwd = process.cwd()
  const before = { host: process.env.DOCKER_HOST, context: process.env.DOCKER_CONTEXT }
  const folder = mkdtempSync(join(tmpdir(), 'failoverctl-deploy-docker-'))
  const path = join(folder, 'config', 'config.yaml')
  let ports: readonly number[] = []

  beforeAll(async () => {
    await engine.start()
    ports = await freePorts(4)
    mkdirSync(join(folder, 'config'))
    process.chdir(folder)
    // What is left half done names the engine that it was done to.
    process.env.DOCKER_HOST = engine.socket
    process.env.DOCKER_CONTEXT = ''
  }, 300_000)
  afterAll(async () => {
    process.chdir(cwd)
    for (const [name, value] of [
      ['DOCKER_HOST', before.host],
      ['DOCKER_CONTEXT', before.context],
    ] as const)
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    await engine.stop()
    rmSync(folder, { recursive: true, force: true })
  }, 60_000)

  /** Which config a collector runs is told by the path on which its health answers. */
  const config = (called: string, otlp = `127.0.0.1:${ports[0]}`) => `
extensions: { health_check: { endpoint: "127.0.0.1:${ports[1]}", path: /${called} } }
receivers: { otlp: { protocols: { http: { endpoint: "${otlp}" } } } }
exporters:
  otlp_http/primary: { endpoint: "http://127.0.0.1:${ports[3]}", sending_queue: { enabled: false }, retry_on_failure: { enabled: false }, timeout: 5s }
  file/backup: { path: /backup.jsonl, append: true }
connectors:
  failover: { retry_interval: 9s, priority_levels: [[traces/primary], [traces/backup]], sending_queue: { enabled: false } }
service:
  extensions: [health_check]
  telemetry: { metrics: { readers: [{ pull: { exporter: { prometheus: { host: 127.0.0.1, port: ${ports[2]} } } } }] } }
  pipelines:
    traces: { receivers: [otlp], exporters: [failover] }
    traces/primary: { receivers: [failover], exporters: [otlp_http/primary] }
    traces/backup: { receivers: [failover], exporters: [file/backup] }
`
  /** Good to every validator; but no collector can listen on an address that this machine does not have. */
  const bad = () => config('bad', '203.0.113.1:4318')
  const runs = (called: string) =>
    fetch(`http://127.0.0.1:${ports[1]}/${called}`).then(
      ({ status }) => status === 200,
      () => false,
    )
  const file = () => {
    const { mode, uid } = statSync(path)
    return { text: readFileSync(path, 'utf8'), mode: (mode & 0o777).toString(8), uid }
  }
  const env = () => ({ USER: 'tester', DOCKER_HOST: engine.socket, DOCKER_CONTEXT: '' })
  const TIMES = ['--hold', '0s', '--timeout', '20s']
  const deploy = async (text: string, to: string, more: readonly string[] = []) => {
    writeFileSync('new.yaml', text)
    const host = testHost(env())
    return { exit: await main(['deploy', 'new.yaml', '--to', to, ...TIMES, ...more], host), ...host.printed }
  }

  describe.each(['no', 'unless-stopped'])('a Compose service with `restart: %s`', restart => {
    const compose = (...words: string[]) =>
      promisify(execFile)('docker-compose', ['-p', PROJECT, '-f', 'compose.yaml', ...words], { env: engine.env })
    beforeAll(async () => {
      const mount = restart === 'no' ? `${path}:/etc/otelcol/config.yaml:ro` : `${join(folder, 'config')}:/etc/otelcol:ro`
      const service = {
        image: IMAGE,
        network_mode: 'host',
        restart,
        volumes: [mount],
        command: ['--config=/etc/otelcol/config.yaml'],
      }
      writeFileSync('compose.yaml', stringify({ version: '3', services: { collector: service } }, { version: '1.1' }))
      writeFileSync(path, config('old'), { mode: 0o600 })
      await compose('up', '-d')
      await vi.waitFor(async () => expect(await runs('old')).toBe(true), { timeout: 15_000, interval: 100 })
    }, 60_000)
    afterAll(async () => void (await compose('down', '--timeout', '1')), 30_000)

    test('gets the old config back when it cannot run the new one', async () => {
      const old = file()
      const done = await deploy(bad(), 'compose/collector')
      expect(done).toMatchObject({ exit: 1, out: expect.stringContaining('the old state runs') })
      expect(done.out).toMatch(restart === 'no' ? /is exited, it ended with 1/ : /restart|health_check does not answer/)
      expect(file()).toEqual(old)
      expect(await runs('old')).toBe(true)
    }, 60_000)

    test('gets it back without probes, too', async () => {
      const done = await deploy(bad(), 'compose/collector', ['--no-probes'])
      expect(done).toMatchObject({ exit: 1, out: expect.stringMatching(/is exited|restart/) })
      expect(await runs('old')).toBe(true)
    }, 60_000)

    // What goes well has nothing to do with it.
    if (restart !== 'no') return

    test('runs a good config, and the file keeps its owner and rights; rollback brings the old one back', async () => {
      chownSync(path, OWNER, OWNER)
      const done = await deploy(config('new'), 'compose/collector')
      expect(done).toMatchObject({ exit: 0, out: expect.stringContaining('deployed to compose/collector') })
      expect(file()).toEqual({ text: config('new'), mode: '600', uid: OWNER })
      expect(await runs('new')).toBe(true)
      const host = testHost(env())
      expect(await main(['rollback', '--to', 'compose/collector', ...TIMES], host)).toBe(0)
      expect([file().text, await runs('old')]).toEqual([config('old'), true])
    }, 60_000)

    test('that a killed deployment left half done is put back by `deploy recover`', async () => {
      const old = file()
      writeFileSync('new.yaml', config('new'))
      const words = ['deploy', 'new.yaml', '--to', 'compose/collector', '--hold', '60s']
      const child = spawn(process.execPath, [join(cwd, 'bin/failoverctl.js'), ...words], { cwd: folder, env: engine.env })
      let said = ''
      child.stderr.setEncoding('utf8').on('data', part => {
        said += part
      })
      await expect.poll(() => said, { timeout: 20_000 }).toContain('watch for 60s')
      expect(await runs('new')).toBe(true)
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended

      const blocked = await deploy(config('other'), 'compose/collector')
      expect(blocked).toMatchObject({
        exit: 4,
        err: expect.stringContaining('failoverctl deploy recover --to compose/collector'),
      })
      const host = testHost(env())
      expect(await main(['deploy', 'recover', '--timeout', '20s'], host)).toBe(0)
      expect(host.printed.out).toContain('the old state runs')
      expect(file()).toEqual(old)
      expect([await runs('new'), await runs('old')]).toEqual([false, true])
    }, 60_000)
  })

  describe('one container', () => {
    beforeEach(async () => {
      writeFileSync(path, config('old'))
      const mount = `${join(folder, 'config')}:/etc/otelcol`
      const words = ['--network', 'host', '--volume', mount, IMAGE, '--config', '/etc/otelcol/config.yaml']
      await engine.docker('run', '--detach', '--name', 'gateway', ...words)
      await vi.waitFor(async () => expect(await runs('old')).toBe(true), { timeout: 15_000, interval: 100 })
      return async () => void (await engine.docker('rm', '--force', 'gateway'))
    }, 60_000)

    test('runs a good config', async () => {
      expect(await deploy(config('new'), 'container/gateway')).toMatchObject({ exit: 0 })
      expect(await runs('new')).toBe(true)
    }, 60_000)

    test('with a bad one goes back', async () => {
      expect(await deploy(bad(), 'container/gateway')).toMatchObject({
        exit: 1,
        out: expect.stringContaining('container gateway is exited, it ended with 1'),
      })
      expect(await runs('old')).toBe(true)
    }, 60_000)
  })

  test.each([
    ['container/nobody', 4, 'there is no container nobody'],
    ['compose/nobody', 4, 'no container of a Compose service nobody is there'],
  ])('%s is not there', async (to, exit, words) => {
    const done = await deploy(config('new'), to)
    expect(done.exit).toBe(exit)
    expect(done.err).toContain(words)
  })
})
