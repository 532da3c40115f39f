import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { buildCollector, hasGo } from '../collector/build.mjs'
import { testHost } from '../real-host.ts'
import { CollectorProcess, freePorts } from './collector-process.ts'

const isCi = process.env.CI !== undefined
const withPrometheus = isCi || spawnSync('prometheus', ['--version']).status === 0
const withGo = isCi || (await hasGo())

/** Traces with a file as their backup, logs with two backends and no queue, metrics through a queue that fills. */
const config = (ports: Readonly<Record<string, number>>, backup: string) => `
receivers: { otlp: { protocols: { http: { endpoint: 127.0.0.1:${ports.http} } } } }
exporters:
  otlp/primary: { endpoint: 127.0.0.1:${ports.primary}, tls: { insecure: true }, sending_queue: { enabled: false }, retry_on_failure: { enabled: false } }
  otlp/secondary: { endpoint: 127.0.0.1:${ports.secondary}, tls: { insecure: true }, sending_queue: { enabled: false }, retry_on_failure: { enabled: false } }
  otlp/apart: { endpoint: 127.0.0.1:1, tls: { insecure: true }, sending_queue: { queue_size: 5, num_consumers: 1 }, retry_on_failure: { initial_interval: 500ms, max_interval: 1s, max_elapsed_time: 2s } }
  file/backup: { path: ${backup}, rotation: { max_megabytes: 1, max_backups: 1 } }
connectors:
  failover/traces: { priority_levels: [[traces/primary], [traces/backup]], retry_interval: 1s }
  failover/logs: { priority_levels: [[logs/primary], [logs/secondary]], retry_interval: 1s, sending_queue: { enabled: false } }
service:
  telemetry: { metrics: { readers: [{ pull: { exporter: { prometheus: { host: 127.0.0.1, port: ${ports.metrics}, without_type_suffix: SUFFIX } } } }] } }
  pipelines:
    traces: { receivers: [otlp], exporters: [failover/traces] }
    traces/primary: { receivers: [failover/traces], exporters: [otlp/primary] }
    traces/backup: { receivers: [failover/traces], exporters: [file/backup] }
    logs: { receivers: [otlp], exporters: [failover/logs] }
    logs/primary: { receivers: [failover/logs], exporters: [otlp/primary] }
    logs/secondary: { receivers: [failover/logs], exporters: [otlp/secondary] }
    metrics: { receivers: [otlp], exporters: [otlp/apart] }
`

/** In these tests an alert need not hold: its expression is looked at each second. */
const atOnce = (rules: string) => rules.replaceAll(/^ +for: .*\n/gm, '')

async function cli(...argv: string[]) {
  const host = testHost()
  const exit = await main(argv, host)
  await host.network.close()
  return { exit, ...host.printed }
}

class World {
  readonly folder = mkdtempSync(join(tmpdir(), 'failoverctl-alerts-'))
  rules = ''
  collector: CollectorProcess | undefined
  backends: CollectorProcess[] = []
  #prometheus: ChildProcess | undefined
  #ports: Record<string, number> = {}
  said = ''

  async start(isPlain: boolean, env: Record<string, string>, ...flags: string[]): Promise<void> {
    const binary = await buildCollector()
    const names = ['http', 'metrics', 'primary', 'secondary', 'prometheus'] as const
    const free = await freePorts(names.length)
    this.#ports = Object.fromEntries(names.map((name, index) => [name, free[index] as number]))
    const file = join(this.folder, 'config.yaml')
    writeFileSync(file, config(this.#ports, join(this.folder, 'backup.jsonl')).replace('SUFFIX', String(isPlain)))
    const poc = (name: string) => fileURLToPath(new URL(`../../fixtures/poc/${name}.yaml`, import.meta.url))
    this.backends = ['primary', 'secondary'].map(
      name =>
        new CollectorProcess(name, binary, [poc(name)], {
          LISTEN: `127.0.0.1:${this.#ports[name]}`,
          ARRIVALS: join(this.folder, `${name}.jsonl`),
        }),
    )
    await Promise.all(this.backends.map(backend => backend.start()))
    this.collector = new CollectorProcess('main', binary, [file], env)
    await this.collector.start()
    const made = await cli('alerts', file, '--job', 'otel', '--item-bytes', '100000', ...flags)
    expect(made.exit).toBe(0)
    this.rules = made.out
    writeFileSync(join(this.folder, 'rules.yaml'), atOnce(this.rules))
    writeFileSync(
      join(this.folder, 'prometheus.yaml'),
      `global: { scrape_interval: 500ms, evaluation_interval: 1s }
rule_files: [rules.yaml]
scrape_configs: [{ job_name: otel, static_configs: [{ targets: ["127.0.0.1:${this.#ports.metrics}"] }] }]
`,
    )
    const words = [
      `--config.file=${join(this.folder, 'prometheus.yaml')}`,
      `--storage.tsdb.path=${join(this.folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${this.#ports.prometheus}`,
    ]
    this.#prometheus = spawn('prometheus', words, { stdio: ['ignore', 'ignore', 'pipe'] })
    this.#prometheus.stderr?.on('data', chunk => {
      this.said += chunk
    })
    for (let turn = 0; turn < 100 && !(await this.#ask('-/ready').catch(() => undefined)); turn++) await sleep(100)
  }

  async #ask(page: string): Promise<string> {
    const reply = await fetch(`http://127.0.0.1:${this.#ports.prometheus}/${page}`)
    if (!reply.ok) throw new Error(`${page}: ${reply.status}\n${this.said}`)
    return reply.text()
  }

  /** Which alerts fire, by name and what tells them apart. */
  async firing(): Promise<string[]> {
    const { data } = JSON.parse(await this.#ask('api/v1/alerts')) as {
      data: { alerts: { state: string; labels: Record<string, string> }[] }
    }
    return data.alerts.map(({ labels }) => [labels.alertname, labels.connector ?? labels.exporter ?? ''].join(' ').trim()).sort()
  }

  async until(...expected: string[]): Promise<string[]> {
    let found: string[] = []
    for (let turn = 0; turn < 150; turn++) {
      found = await this.firing()
      if (expected.every(name => found.includes(name))) return found
      await sleep(200)
    }
    expect(found).toEqual(expect.arrayContaining(expected))
    return found
  }

  async metricNames(): Promise<Set<string>> {
    return new Set((JSON.parse(await this.#ask('api/v1/label/__name__/values')) as { data: string[] }).data)
  }

  /** Sends all signals until the returned function is called. */
  traffic(): () => Promise<unknown> {
    const host = testHost()
    const sending = main(
      [
        'send',
        '--endpoint',
        `http://127.0.0.1:${this.#ports.http}`,
        '--signal',
        'traces,metrics,logs',
        '--rate',
        '30',
        '--duration',
        '100s',
        '--quiet',
      ],
      host,
    )
    return async () => {
      host.interrupt()
      await sending.catch(() => {})
      await host.network.close()
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.collector, ...this.backends].map(one => one?.stop()))
    if (this.#prometheus?.exitCode === null) {
      const gone = once(this.#prometheus, 'exit')
      this.#prometheus.kill('SIGKILL')
      await gone
    }
    rmSync(this.folder, { recursive: true, force: true })
  }
}

describe.skipIf(!withPrometheus || !withGo).each([
  ['a gauge', true, {}, [], 'failover/traces'],
  ['no gauge, and _total', false, { FAILOVER_LEVEL_GAUGE: 'off' }, ['--level-from', 'counters'], 'failover/traces'],
])('a real Prometheus and a real collector with %s', { timeout: 120_000 }, (_, isPlain, env, flags, connector) => {
  const world = new World()
  beforeAll(() => world.start(isPlain, env, ...flags), 300_000)
  afterAll(() => world.close())

  test('each alert fires when what it tells of happens, and not before', async () => {
    const stop = world.traffic()
    try {
      // Of an exporter that has sent before, CollectorExportFailing waits until the last success has left its window.
      // The queue towards nobody fills from the start; nothing else is wrong.
      const well = await world.until('CollectorQueueNearFull otlp/apart', 'CollectorExportFailing otlp/apart')
      expect(
        [...new Set(well)].filter(name => !name.endsWith('otlp/apart') && !name.startsWith('CollectorReceiverRefusing')),
      ).toEqual([])

      await world.backends[0]?.stop()
      const over = await world.until(
        `CollectorFailedOver ${connector}`,
        'CollectorFailedOver failover/logs',
        'CollectorBackupGrowing file/backup',
        'CollectorBackupNearLimit file/backup',
      )
      expect(over.filter(name => name.startsWith('CollectorAllLevelsFailed'))).toEqual([])

      await world.backends[1]?.stop()
      // By counters it takes until the last success has left the window of the rule: five minutes, longer than this test.
      const isGauge = flags.length === 0
      await world.until('CollectorReceiverRefusing', ...(isGauge ? ['CollectorAllLevelsFailed failover/logs'] : []))
    } finally {
      await stop()
    }
    const patterns = [...world.rules.matchAll(/__name__=~\\?"(otelcol_[^"\\]+)/g)].map(([, pattern]) => pattern as string)
    const names = [...world.rules.replaceAll(/__name__=~\\?"[^"]*"/g, '').matchAll(/otelcol_\w+/g)].map(([name]) => name)
    const known = [...(await world.metricNames())]
    const isThere = (pattern: string) => known.some(name => new RegExp(`^(?:${pattern})$`).test(name))
    expect([...new Set([...names, ...patterns])].filter(pattern => !isThere(pattern))).toEqual([])
  })

  test('restarts, and a collector that is gone', async () => {
    for (let turn = 0; turn < 5; turn++) {
      await world.collector?.stop()
      await world.collector?.start()
      await sleep(1600)
    }
    await world.until('CollectorCrashLoop')
    await world.collector?.stop()
    await world.until('CollectorGone', 'CollectorsAllGone')
  })
})

test.skipIf(!withPrometheus)(
  'the samples that are kept have every metric that rules of the proof of concept ask for',
  async () => {
    const { out } = await cli('alerts', 'fixtures/poc/main.yaml', '--collector-version', '0.161.0')
    const samples = ['normal-alldown', 'queued-level1'].map(name =>
      readFileSync(fileURLToPath(new URL(`../../fixtures/metrics/${name}.txt`, import.meta.url)), 'utf8'),
    )
    const names = [...new Set([...out.matchAll(/otelcol_\w+/g)].map(([name]) => name))].filter(name =>
      /spans|level|queue|uptime/.test(name),
    )
    expect(names.length).toBeGreaterThan(5)
    expect(names.filter(name => !samples.some(sample => sample.includes(`\n${name}{`) || sample.includes(`\n${name} `)))).toEqual(
      [],
    )
  },
)
