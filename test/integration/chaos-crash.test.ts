import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import type { Outcome } from '../../src/model/outcome.ts'
import { buildCollector, hasGo } from '../collector/build.mjs'
import { freePorts } from './collector-process.ts'
import { path } from './process-world.ts'

const folder = mkdtempSync(join(tmpdir(), 'failoverctl-crash-'))
const started: ChildProcess[] = []
afterEach(async () => {
  // Those that the tool has started in their place stand in the pid files.
  for (const name of ['main', 'backend']) {
    try {
      process.kill(Number(readFileSync(join(folder, `${name}.pid`), 'utf8')), 'SIGKILL')
    } catch {}
  }
  started.splice(0)
  rmSync(folder, { recursive: true, force: true })
})

const EXPERIMENT = `
abort-on: none
configuration: { traffic: 50/s, steady: 500ms, duration: 10s, drain-within: 40s, seed: 1 }
steady-state-hypothesis: { probes: [{ measure: lost, tolerance: 0 }] }
method:
  - { fault: stop, target: backend, at: 3s, until: 8s }
  - { fault: crash, target: collector, at: 6s, for: 500ms }
`

const configOf = (queue: string, http: number, metrics: number, backend: number) => `
extensions: { file_storage: { directory: ${join(folder, 'queue')}, create_directory: true } }
receivers: { otlp: { protocols: { http: { endpoint: "127.0.0.1:${http}" } } } }
exporters:
  otlp_grpc/backend:
    endpoint: 127.0.0.1:${backend}
    tls: { insecure: true }
    sending_queue: { queue_size: 5000${queue} }
    retry_on_failure: { initial_interval: 200ms, max_interval: 500ms, max_elapsed_time: 0s }
service:
  extensions: [file_storage]
  telemetry: { metrics: { readers: [{ pull: { exporter: { prometheus: { host: 127.0.0.1, port: ${metrics} } } } }] } }
  pipelines: { traces: { receivers: [otlp], exporters: [otlp_grpc/backend] } }
`

function start(name: string, argv: readonly string[]): void {
  const [program = '', ...words] = argv
  const child = spawn(program, words, { stdio: 'ignore' })
  started.push(child)
  writeFileSync(join(folder, `${name}.pid`), `${child.pid}\n`)
}

async function answersOn(port: number): Promise<void> {
  for (let turn = 0; turn < 200; turn++) {
    const socket = connect(port, '127.0.0.1')
    const open = await new Promise<boolean>(resolve => {
      socket.once('connect', () => resolve(true))
      socket.once('error', () => resolve(false))
    })
    socket.destroy()
    if (open) return
    await sleep(100)
  }
  throw new Error(`nobody listens on ${port}`)
}

/** What the tool says of a collector that runs something else than this config. */
const OTHER = 'yaml:exporters::otlp_grpc/backend::sending_queue: { enabled: false }'

/** A backend goes, the collector dies meanwhile, both come back: on real collectors, and on the lab. */
async function crash(queue: string, on: 'process' | 'lab', ...more: readonly string[]): Promise<Outcome> {
  mkdirSync(folder, { recursive: true })
  const binary = await buildCollector()
  const [http, metrics, port] = (await freePorts(3)) as [number, number, number]
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text)
  write('main.yaml', configOf(queue, http, metrics, port))
  write('experiment.yaml', EXPERIMENT)
  const main = [binary, `--config=${join(folder, 'main.yaml')}`]
  const backend = [
    binary,
    `--config=${path('fixtures/poc/primary.yaml')}`,
    `--config=yaml:receivers::otlp::protocols::grpc::endpoint: 127.0.0.1:${port}`,
    `--config=yaml:exporters::file::path: ${join(folder, 'backend.jsonl')}`,
  ]
  if (on === 'process') {
    start('backend', backend)
    await answersOn(port)
    start('main', main)
    await answersOn(metrics)
    const described = {
      traffic: `http://127.0.0.1:${http}`,
      metrics: `http://127.0.0.1:${metrics}/metrics`,
      collector: { start: main, 'pid-file': 'main.pid' },
      backends: { backend: { start: backend, 'pid-file': 'backend.pid', arrivals: 'backend.jsonl' } },
    }
    write('failoverctl.yaml', JSON.stringify({ process: described }))
  }
  const words = [
    'chaos',
    '--experiment',
    'experiment.yaml',
    '--config',
    'main.yaml',
    '--target',
    on,
    '--json',
    '--quiet',
    ...more,
  ]
  const tool = spawn(process.execPath, [path('bin/failoverctl.js'), ...words], { cwd: folder })
  let [out, err] = ['', '']
  tool.stdout.on('data', chunk => (out += chunk))
  tool.stderr.on('data', chunk => (err += chunk))
  await once(tool, 'close')
  if (out === '') throw new Error(err)
  return JSON.parse(out) as Outcome
}

describe.skipIf(!(await hasGo()) && !process.env.CI)('a collector that dies with a queue (skipped without Go)', () => {
  test('on the disk: nothing is lost, on a real one as in the lab', { timeout: 200_000 }, async () => {
    const real = await crash(', storage: file_storage', 'process')
    const lab = await crash(', storage: file_storage', 'lab')
    expect([real.ledger.lost, lab.ledger.lost]).toEqual([0, 0])
    expect([real.verdict, lab.verdict]).toEqual(['held', 'held'])
  })

  test('in memory: what came in since the backend went is lost, and about as much in the lab', { timeout: 200_000 }, async () => {
    const real = await crash('', 'process')
    const lab = await crash('', 'lab')
    expect([real.verdict, lab.verdict]).toEqual(['deviated', 'deviated'])
    // Three seconds at 50 spans/s.
    for (const { ledger } of [real, lab]) {
      expect(ledger.lost).toBeGreaterThan(100)
      expect(ledger.lost).toBeLessThan(200)
    }
  })

  test('that runs another config is left alone: exit 4 says the difference', { timeout: 100_000 }, async () => {
    await expect(crash('', 'process', '--config', OTHER)).rejects.toThrow(
      /metrics: the running collector has a sending queue for otlp_grpc\/backend, expected none\nName the config/,
    )
  })
})
