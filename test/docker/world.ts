import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { parse, stringify } from 'yaml'
import { freePorts } from '../integration/collector-process.ts'
import { type Engine, IMAGE } from './engine.ts'

const path = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url))
const NAMES = ['primary', 'secondary'] as const
const QUICK = ['--steady', '300ms', '--hold', '700ms', '--drain-within', '20s', '--seed', '1', '--quiet']
const CONFIG = '/etc/otelcol/config.yaml'

/** The proof of concept in three containers on the network of this machine, at loopback and at ports that were free. */
export class World {
  readonly folder = mkdtempSync(join(tmpdir(), 'failoverctl-docker-'))
  readonly engine: Engine
  #ports: readonly number[] = []
  #tools: ChildProcess[] = []

  constructor(engine: Engine) {
    this.engine = engine
  }

  /** By `docker run`: the primary writes into a folder of this machine, the secondary into its container. */
  async startByDocker(overrides: readonly string[] = []): Promise<void> {
    await this.prepare()
    mkdirSync(join(this.folder, 'arrivals'))
    const mounts = { primary: ['--volume', `${join(this.folder, 'arrivals')}:/var/otel`], secondary: [] }
    const files = { primary: '/var/otel/primary.jsonl', secondary: '/secondary.jsonl' }
    for (const name of NAMES) {
      const env = { LISTEN: `127.0.0.1:${this.#portOf(name)}`, ARRIVALS: files[name] }
      await this.#run(`otel-collector-${name}`, name, env, mounts[name], [])
    }
    await Promise.all(NAMES.map(name => answersOn(this.#portOf(name))))
    await this.#run('otel-collector-main', 'main', this.#endpoints('127.0.0.1'), [], this.#mainOverrides(overrides))
    await answersOn(this.#ports[2] as number)
  }

  /** By compose, with the file of the proof of concept: its networks and published ports make way for the network of this machine. */
  async startByCompose(): Promise<void> {
    await this.prepare()
    const file = parse(readFileSync(path('fixtures/poc/compose.yaml'), 'utf8')) as { services: Record<string, Service> }
    for (const [service, settings] of Object.entries(file.services)) {
      delete settings.ports
      settings.network_mode = 'host'
      const name = service.replace('otel-collector-', '') as (typeof NAMES)[number] | 'main'
      if (name === 'main') {
        settings.environment = this.#endpoints('otel-collector-')
        settings.extra_hosts = NAMES.map(backend => `otel-collector-${backend}:127.0.0.1`)
        // In a Compose file a dollar is written twice.
        settings.command.push(...this.#mainOverrides([]).map(word => word.replaceAll('$', '$$$$')))
      } else settings.environment = { LISTEN: `127.0.0.1:${this.#portOf(name)}` }
    }
    writeFileSync(join(this.folder, 'compose.yaml'), stringify(file))
    await this.compose('up', '-d')
    await answersOn(this.#ports[2] as number)
  }

  async compose(...words: string[]): Promise<void> {
    await promisify(execFile)('docker-compose', words, { cwd: this.folder, env: this.engine.env, timeout: 60_000 })
  }

  /** The configs and the project file, without any container. */
  async prepare(): Promise<void> {
    this.#ports = await freePorts(5)
    const backends = Object.fromEntries(NAMES.map(name => [name, { container: `otel-collector-${name}` }]))
    writeFileSync(join(this.folder, 'failoverctl.yaml'), stringify({ docker: { collector: 'otel-collector-main', backends } }))
    for (const name of ['main', ...NAMES]) copyFileSync(path(`fixtures/poc/${name}.yaml`), join(this.folder, `${name}.yaml`))
  }

  #portOf = (name: (typeof NAMES)[number]): number => this.#ports[3 + NAMES.indexOf(name)] as number

  #endpoints = (host: string) =>
    Object.fromEntries(
      NAMES.map(name => [
        `${name.toUpperCase()}_ENDPOINT`,
        `${host.endsWith('-') ? `${host}${name}` : host}:${this.#portOf(name)}`,
      ]),
    )

  #mainOverrides(more: readonly string[]): string[] {
    const [grpc, http, metrics] = this.#ports
    return [
      'yaml:connectors::failover/traces::retry_interval: 1s',
      // How long a pause takes to be noticed.
      'yaml:exporters::otlp/primary::timeout: 1s',
      `yaml:receivers::otlp::protocols::grpc::endpoint: 127.0.0.1:${grpc}`,
      `yaml:receivers::otlp::protocols::http::endpoint: 127.0.0.1:${http}`,
      `yaml:service::telemetry::metrics::readers: [{pull: {exporter: {prometheus: {host: 127.0.0.1, port: ${metrics}}}}}]`,
      ...more,
    ].map(location => `--config=${location}`)
  }

  async #run(
    container: string,
    name: string,
    env: Record<string, string>,
    more: readonly string[],
    words: readonly string[],
  ): Promise<void> {
    const config = `${join(this.folder, `${name}.yaml`)}:${CONFIG}:ro`
    const variables = Object.entries(env).flatMap(([key, value]) => ['--env', `${key}=${value}`])
    const options = ['--name', container, '--network', 'host', '--volume', config, ...variables, ...more]
    await this.engine.docker('run', '--detach', ...options, IMAGE, `--config=${CONFIG}`, ...words)
  }

  /** Starts the tool as a person would in the folder of the project. */
  tool(command: string, ...argv: string[]): ChildProcess {
    const common = argv[0] === 'recover' ? [] : [...QUICK, '--collector-version', '0.161.0', '--config', 'main.yaml']
    const child = spawn(process.execPath, [path('bin/failoverctl.js'), command, ...common, ...argv], {
      cwd: this.folder,
      env: this.engine.env,
    })
    this.#tools.push(child)
    return child
  }

  async run(command: string, ...argv: string[]): Promise<{ exit: number | null; out: string; err: string }> {
    const child = this.tool(command, ...argv)
    const result = { out: '', err: '' }
    child.stdout?.on('data', chunk => (result.out += chunk))
    child.stderr?.on('data', chunk => (result.err += chunk))
    const [exit] = (await once(child, 'close')) as [number | null]
    return { exit, ...result }
  }

  status = (container: string): Promise<string> =>
    this.engine.docker('container', 'inspect', '--format', '{{.State.Status}}', container)

  async until(container: string, status: string): Promise<void> {
    for (let turn = 0; turn < 200; turn++) {
      if ((await this.status(container)) === status) return
      await sleep(50)
    }
    throw new Error(`${container} did not become ${status}`)
  }

  /** The process that takes faults back when the tool is killed. */
  async guardOf(tool: ChildProcess): Promise<number> {
    for (let turn = 0; turn < 200; turn++) {
      const log = readFileSync(join(this.folder, '.failoverctl/guard.log'), 'utf8')
      const [, guard] = new RegExp(`process (\\d+) guards process ${tool.pid}\n`).exec(log) ?? []
      if (guard !== undefined) return Number(guard)
      await sleep(50)
    }
    throw new Error('no guard has started')
  }

  async stop(): Promise<void> {
    const all = (await this.engine.docker('ps', '--all', '--quiet')).split('\n').filter(id => id !== '')
    if (all.length > 0) await this.engine.docker('rm', '--force', '--volumes', ...all)
    this.dispose()
  }

  dispose(): void {
    for (const tool of this.#tools) tool.kill('SIGKILL')
    rmSync(this.folder, { recursive: true, force: true })
  }
}

interface Service {
  ports?: unknown
  network_mode?: string
  environment?: Record<string, string>
  extra_hosts?: string[]
  command: string[]
}

async function answersOn(port: number): Promise<void> {
  for (let turn = 0; turn < 200; turn++) {
    const socket = connect(port, '127.0.0.1')
    const open = await Promise.race([once(socket, 'connect').then(() => true), once(socket, 'error').then(() => false)]).catch(
      () => false,
    )
    socket.destroy()
    if (open) return
    await sleep(50)
  }
  throw new Error(`nobody listens on ${port}`)
}
