import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Outcome } from '../../src/model/outcome.ts'
import { buildCollector, hasGo } from '../collector/build.mjs'
import { freePorts } from '../integration/collector-process.ts'
import { Cluster } from './cluster.ts'

const TOOL = fileURLToPath(new URL('../../bin/failoverctl.js', import.meta.url))
const QUICK = ['--steady', '500ms', '--hold', '500ms', '--json', '--quiet', '--collector-version', '0.161.0']

/** What a kubelet would do: while a pod of the workload is ready its program runs on this machine, and no longer. */
class Kubelet {
  #cluster: Cluster
  #programs: Readonly<Record<string, readonly string[]>>
  #running = new Map<string, ChildProcess>()
  #over = false
  #folder: string
  #loop: Promise<void> = Promise.resolve()

  constructor(cluster: Cluster, folder: string, programs: Readonly<Record<string, readonly string[]>>) {
    this.#cluster = cluster
    this.#folder = folder
    this.#programs = programs
  }

  start(): void {
    this.#loop = this.#run()
  }

  async stop(): Promise<void> {
    this.#over = true
    await this.#loop
    for (const child of this.#running.values()) child.kill('SIGKILL')
  }

  async #run(): Promise<void> {
    for (let turn = 0; turn < 10_000 && !this.#over; turn++) {
      for (const [app, [command = '', ...words]] of Object.entries(this.#programs)) {
        const shouldRun = await this.#hasPod(app)
        const child = this.#running.get(app)
        if (shouldRun && !child) this.#running.set(app, spawn(command, words, { cwd: this.#folder, stdio: 'ignore' }))
        if (shouldRun || !child) continue
        child.kill('SIGTERM')
        this.#running.delete(app)
      }
      await sleep(50)
    }
  }

  async #hasPod(app: string): Promise<boolean> {
    const { items } = (await this.#cluster.ask('GET', `/api/v1/namespaces/telemetry/pods?labelSelector=app%3D${app}`)) as {
      items: { metadata: { deletionTimestamp?: string }; status: { phase: string } }[]
    }
    return items.some(({ metadata, status }) => !metadata.deletionTimestamp && status.phase === 'Running')
  }
}

describe.skipIf(!process.env.CI && !(await hasGo()))('chaos on a real control plane (needs Go to build one)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'failoverctl-chaos-kubernetes-'))
  let [cluster, kubelet]: [Cluster?, Kubelet?] = []

  beforeAll(async () => {
    const binary = await buildCollector()
    const [otlp, metrics, grpc, health, primary, secondary] = (await freePorts(6)) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ]
    const endpoints = [primary, secondary].flatMap(port => ['--endpoint', `http://127.0.0.1:${port}`])
    const kit = ['init', folder, '--shape', 'two-backends', ...endpoints, '--collector-version', '0.161.0']
    execFileSync(process.execPath, [TOOL, ...kit])
    mkdirSync(join(folder, 'run'))
    cluster = await Cluster.start({ controllers: true, nodes: 2, forwards: { 4318: otlp, 8888: metrics } })
    for (const [kind, name] of [
      ['StatefulSet', 'gateway'],
      ['Deployment', 'primary'],
      ['Deployment', 'secondary'],
    ] as const)
      await cluster.kubectl(['create', '-f', '-'], workload(kind, name))
    const overrides = [
      `yaml:receivers::otlp::protocols::http::endpoint: 127.0.0.1:${otlp}`,
      `yaml:receivers::otlp::protocols::grpc::endpoint: 127.0.0.1:${grpc}`,
      `yaml:extensions::health_check::endpoint: 127.0.0.1:${health}`,
      `yaml:extensions::file_storage/queue::directory: ${join(folder, 'run', 'queue')}`,
      `yaml:service::telemetry::metrics::readers: [{pull: {exporter: {prometheus: {host: 127.0.0.1, port: ${metrics}}}}}]`,
      'yaml:connectors::failover/traces::retry_interval: 1s',
    ]
    const sink = (name: string, port: number) => [
      ...[process.execPath, TOOL, 'sink', '--port', String(port), '--no-grpc', '--quiet'],
      ...['--out', join(folder, 'run', `${name}.jsonl`)],
    ]
    kubelet = new Kubelet(cluster, folder, {
      gateway: [binary, ...['gateway.yaml', ...overrides].map(location => `--config=${location}`)],
      primary: sink('primary', primary),
      secondary: sink('secondary', secondary),
    })
    kubelet.start()
    const kubernetes = {
      collector: { workload: 'statefulset/gateway' },
      backends: {
        primary: { workload: 'deployment/primary', arrivals: 'run/primary.jsonl' },
        secondary: { workload: 'deployment/secondary', arrivals: 'run/secondary.jsonl' },
      },
    }
    const config = ['gateway.yaml', ...overrides]
    writeFileSync(join(folder, 'cluster.json'), JSON.stringify({ config, target: 'kubernetes', kubernetes }))
    await answers(`http://127.0.0.1:${metrics}/metrics`)
    await answers(`http://127.0.0.1:${primary}/`)
  }, 600_000)

  afterAll(async () => {
    await kubelet?.stop()
    await cluster?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const chaos = (words: readonly string[], token = 'admin') => start(folder, cluster as Cluster, token, ['chaos', ...words])
  const replicas = async (name: string) =>
    JSON.parse(await (cluster as Cluster).kubectl(['get', 'deploy', name, '-o', 'json'])).spec.replicas

  test('--stop scales a backend to nothing, and back', async () => {
    const { exit, out, err } = await chaos(['--project', 'cluster.json', '--stop', 'primary', ...QUICK])
    const outcome = JSON.parse(out || err) as Outcome
    expect(outcome).toMatchObject({ verdict: 'held', ledger: { lost: 0 } })
    expect(outcome.levels.map(({ level }) => level)).toEqual([0, 1, 0])
    expect(exit).toBe(0)
    expect(await replicas('primary')).toBe(1)
  }, 120_000)

  test('--node-loss of the collector: its node is cordoned and its pod dies; another pod on another node, then all is as before', async () => {
    const { out, err } = await chaos(['--project', 'cluster.json', '--node-loss', 'collector', ...QUICK])
    const outcome = JSON.parse(out || err) as Outcome
    expect(outcome.faults).toMatchObject([{ kind: 'node-loss', until_s: expect.any(Number) }])
    expect(outcome).toMatchObject({ verdict: 'held', ledger: { lost: 0 } })
    const nodes = JSON.parse(await (cluster as Cluster).kubectl(['get', 'nodes', '-o', 'json']))
    expect(nodes.items.map(({ spec }: { spec: { unschedulable?: boolean } }) => spec.unschedulable ?? false)).toEqual([
      false,
      false,
    ])
  }, 120_000)

  test('--partition is a NetworkPolicy, which is gone afterwards; simulated nodes enforce none', async () => {
    const running = chaos(['--project', 'cluster.json', '--partition', 'primary', '--failover-within', '1500ms', ...QUICK])
    const policies = async () => JSON.parse(await (cluster as Cluster).kubectl(['get', 'networkpolicies', '-o', 'json'])).items
    const seen = await until(async () => (await policies())[0])
    expect(seen).toMatchObject({ spec: { podSelector: { matchLabels: { app: 'primary' } }, policyTypes: ['Ingress'] } })
    const outcome = JSON.parse((await running).out) as Outcome
    expect(outcome.reason).toMatch(/no failover within 1.5s/)
    expect(await policies()).toEqual([])
  }, 120_000)

  test('killed in the middle: what it has done is taken back', async () => {
    const running = chaos(['--project', 'cluster.json', '--stop', 'primary', '--steady', '500ms', '--hold', '30s', '--quiet'])
    const tooEarly = running.then(ran => Promise.reject(new Error(`ended before it was killed: ${ran.err}${ran.out}`)))
    await Promise.race([tooEarly, until(async () => (await replicas('primary')) === 0)])
    tooEarly.catch(() => {})
    running.child.kill('SIGKILL')
    await running
    await start(folder, cluster as Cluster, 'admin', ['chaos', 'recover'])
    expect(await until(async () => (await replicas('primary')) === 1)).toBe(true)
  }, 120_000)

  test('rights that are missing are named before anything is done', async () => {
    await (cluster as Cluster).allow('telemetry', [
      { apiGroups: ['', 'apps'], resources: ['pods', 'deployments', 'statefulsets'], verbs: ['get', 'list'] },
      { apiGroups: [''], resources: ['pods/portforward'], verbs: ['create', 'get'] },
    ])
    const { exit, err } = await chaos(['--project', 'cluster.json', '--stop', 'primary', ...QUICK], 'limited')
    expect(err).toContain('nobody has given the right to patch deployments/scale')
    expect(exit).toBe(4)
    expect(await replicas('primary')).toBe(1)
  }, 60_000)
})

interface Ran {
  readonly exit: number | null
  readonly out: string
  readonly err: string
}

function start(
  cwd: string,
  cluster: Cluster,
  token: string,
  words: readonly string[],
): Promise<Ran> & { readonly child: ChildProcess } {
  let child: ChildProcess | undefined
  const ran = cluster.kubeconfig(token).then(
    kubeconfig =>
      new Promise<Ran>(resolve => {
        let [out, err] = ['', '']
        const env = { ...process.env, PATH: cluster.path ?? '', KUBECONFIG: kubeconfig }
        child = spawn(process.execPath, [TOOL, ...words], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
        child.stdout?.on('data', part => (out += part))
        child.stderr?.on('data', part => (err += part))
        child.once('close', exit => resolve({ exit, out, err }))
      }),
  )
  return Object.defineProperty(ran, 'child', { get: () => child }) as Promise<Ran> & { readonly child: ChildProcess }
}

async function until<T>(found: () => Promise<T | undefined | false>): Promise<T> {
  for (let turn = 0; turn < 600; turn++) {
    const value = await found()
    if (value) return value
    await sleep(50)
  }
  throw new Error('it did not come to that')
}

async function answers(url: string): Promise<void> {
  await until(async () => (await fetch(url).catch(() => undefined))?.status)
}

const workload = (kind: 'StatefulSet' | 'Deployment', name: string) =>
  JSON.stringify({
    apiVersion: 'apps/v1',
    kind,
    metadata: { name },
    spec: {
      selector: { matchLabels: { app: name } },
      replicas: 1,
      template: {
        metadata: { labels: { app: name } },
        spec: {
          containers: [
            { name: 'collector', image: 'otelcol:0.161.0', ports: [{ containerPort: 4318 }, { containerPort: 8888 }] },
          ],
        },
      },
    },
  })
