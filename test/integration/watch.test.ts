import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { buildCollector, hasGo } from '../collector/build.mjs'
import { testHost } from '../real-host.ts'
import { CollectorProcess, freePorts } from './collector-process.ts'

const path = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url))
const withGo = (await hasGo()) || process.env.CI !== undefined
const withTmux = spawnSync('tmux', ['-V']).status === 0

/** Two real backends, and a real collector in front of them that fails over; its metrics and health are what is read. */
class World {
  readonly folder = mkdtempSync(join(tmpdir(), 'failoverctl-watch-'))
  configs: string[] = []
  backends: CollectorProcess[] = []
  collector: CollectorProcess | undefined
  address = ''
  traffic = ''
  metricsPort = 0

  async start(env: Record<string, string> = {}): Promise<void> {
    const binary = await buildCollector()
    const [grpc, http, metrics, health, ...ports] = (await freePorts(6)) as [number, number, number, number, number, number]
    const names = ['primary', 'secondary']
    this.backends = names.map(
      (name, index) =>
        new CollectorProcess(name, binary, [path(`fixtures/poc/${name}.yaml`)], {
          LISTEN: `127.0.0.1:${ports[index]}`,
          ARRIVALS: join(this.folder, `${name}.jsonl`),
        }),
    )
    await Promise.all(this.backends.map(backend => backend.start()))
    this.configs = [
      path('fixtures/poc/main.yaml'),
      'yaml:connectors::failover/traces::retry_interval: 1s',
      ...names.map((name, index) => `yaml:exporters::otlp/${name}::endpoint: 127.0.0.1:${ports[index]}`),
      `yaml:receivers::otlp::protocols::grpc::endpoint: 127.0.0.1:${grpc}`,
      `yaml:receivers::otlp::protocols::http::endpoint: 127.0.0.1:${http}`,
      `yaml:extensions::health_check::endpoint: 127.0.0.1:${health}`,
      'yaml:service::extensions: [health_check]',
      `yaml:service::telemetry::metrics::readers: [{pull: {exporter: {prometheus: {host: 127.0.0.1, port: ${metrics}}}}}]`,
    ]
    this.collector = new CollectorProcess('main', binary, this.configs, env)
    await this.collector.start()
    this.metricsPort = metrics
    this.address = `127.0.0.1:${metrics},health=127.0.0.1:${health},name=main`
    this.traffic = `http://127.0.0.1:${http}`
  }

  async close(): Promise<void> {
    await Promise.all([this.collector, ...this.backends].map(one => one?.stop()))
    rmSync(this.folder, { recursive: true, force: true })
  }

  get flags(): string[] {
    return ['--collector', this.address, ...this.configs.flatMap(config => ['--config', config])]
  }
}

async function run(...argv: string[]) {
  const host = testHost()
  const exit = await main(argv, host)
  await host.network.close()
  return { exit, ...host.printed }
}

/** Spans for so long, while something else happens. */
const during = async <T>(world: World, seconds: number, what: () => Promise<T>): Promise<T> => {
  const sending = run('send', '--endpoint', world.traffic, '--rate', '40', '--duration', `${seconds}s`, '--quiet')
  const [result] = await Promise.all([sleep(300).then(what), sending])
  return result
}

describe.skipIf(!withGo).each([
  ['with its gauge', {}, 'otelcol_connector_failover_active_level'],
  ['without a gauge, as older releases', { FAILOVER_LEVEL_GAUGE: 'off' }, 'growth of otelcol_exporter_sent_*'],
])('a real collector %s', { timeout: 60_000 }, (_, env, evidence) => {
  const world = new World()
  beforeAll(() => world.start(env), 300_000)
  afterAll(() => world.close())

  test('status before and after its primary is stopped; watch sees it happen, and serves it', async () => {
    const well = await during(world, 3, () =>
      run('status', ...world.flags, '--interval', '1s', '--expect-refused', '0', '--expect-failed', '0', '--expect-health'),
    )
    expect(well.out).toMatch(/failover\/traces {2}level 0(?:, for 1s at least)? {2}\(/)
    expect(well.out).toContain(evidence)
    expect(well.out).toMatch(/→ 0 otlp\/primary {4}\d+\/s sent, 0\/s failed/)
    expect(well).toMatchObject({ exit: 0, out: expect.stringContaining('AS EXPECTED') })

    const [servePort] = (await freePorts(1)) as [number]
    let served = ''
    const watched = await during(world, 5, async () => {
      const watching = run('watch', ...world.flags, '--interval', '500ms', '--for', '4s', '--serve', `127.0.0.1:${servePort}`)
      await sleep(1500)
      await world.backends[0]?.stop()
      await sleep(1500)
      served = await fetch(`http://127.0.0.1:${servePort}/metrics`).then(reply => reply.text())
      return watching
    })
    expect(watched.exit).toBe(0)
    expect(watched.out).toContain(`failover/traces: level 0 → level 1 (${evidence})`)
    expect(served).toContain('failoverctl_failover_level{collector="main",connector="failover/traces"} 1\n')
    expect(served).toContain('failoverctl_collector_healthy{collector="main"} 1\n')

    const over = await during(world, 3, () => run('status', ...world.flags, '--interval', '1s', '--expect-level', '0'))
    expect(over.out).toMatch(/failover\/traces {2}LEVEL 1, failed over/)
    expect(over.out).toMatch(/→ 1 otlp\/secondary {2}\d+\/s sent/)
    expect(over.exit).toBe(1)
  })

  test('gone: said clearly, with exit 4', async () => {
    await world.collector?.stop()
    expect(await run('status', ...world.flags)).toMatchObject({ exit: 4, out: expect.stringContaining('connection refused') })
  })
})

describe.skipIf(!withGo || !(withTmux || process.env.CI !== undefined))('on a terminal (tmux)', { timeout: 60_000 }, () => {
  const world = new World()
  const socket = `failoverctl-${process.pid}`
  const tmux = (...words: string[]) => spawnSync('tmux', ['-L', socket, '-f', '/dev/null', ...words], { encoding: 'utf8' }).stdout
  beforeAll(() => world.start(), 300_000)
  afterAll(async () => {
    tmux('kill-server')
    await world.close()
  })
  const screen = () => tmux('capture-pane', '-p', '-t', 'watch')
  async function until(pattern: RegExp): Promise<string> {
    for (let turn = 0; turn < 200 && !pattern.test(screen()); turn++) await sleep(100)
    expect(screen()).toMatch(pattern)
    return screen()
  }

  test('a failover is drawn, a smaller window fits, q gives the terminal back', async () => {
    const words = [process.execPath, path('bin/failoverctl.js'), 'watch', '--interval', '500ms', ...world.flags]
    const script = join(world.folder, 'watch.sh')
    writeFileSync(script, `#!/bin/sh\n${words.map(word => `'${word}'`).join(' ')}\necho "it ended with $?"\nsleep 60\n`)
    tmux('new-session', '-d', '-s', 'watch', '-x', '80', '-y', '30', `sh ${script}`)
    await until(/main {2}0\.161\.0 .* health ok/)
    await during(world, 6, async () => {
      await sleep(2000)
      await world.backends[0]?.stop()
      await sleep(2500)
    })
    const drawn = await until(/1 FAILED OVER/)
    expect(drawn).toMatch(/ {2}0 otlp\/primary +·*━+┓/)
    expect(drawn).toMatch(/→ 1 otlp\/secondary +┗━+/)
    tmux('resize-window', '-t', 'watch', '-x', '60', '-y', '10')
    await until(/^main +.*1+ .*LEVEL 1/m)
    tmux('send-keys', '-t', 'watch', 'q')
    expect(await until(/it ended with/)).toMatch(/^it ended with 0$/m)
  })
})
