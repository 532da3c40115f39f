import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { buildCollector } from '../collector/build.mjs'
import { freePorts } from './collector-process.ts'

export const path = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url))
export const NAMES = ['primary', 'secondary'] as const
export type Name = (typeof NAMES)[number]
const QUICK = ['--steady', '500ms', '--hold', '1s', '--drain-within', '15s', '--seed', '1', '--quiet']

/** Where one collector runs, and the address by which others reach it. */
export interface Whereabouts {
  /** Words before its own: `ip netns exec blue`. */
  readonly exec: readonly string[]
  readonly host: string
}

const HERE: Whereabouts = { exec: [], host: '127.0.0.1' }

export interface WorldSettings {
  /** Besides the proof of concept's config. */
  readonly overrides?: readonly string[]
  /** The main collector's own file, in place of the proof of concept's. */
  readonly config?: string
  readonly env?: Readonly<Record<string, string>>
  readonly places?: Readonly<Partial<Record<'main' | Name, Whereabouts>>>
  /** What stands in the project file under `process`, and under each backend. */
  readonly section?: { readonly collector?: object; readonly netns?: string }
  readonly backend?: (name: Name, port: number) => object
  /** How the project file says that a backend is started, in place of how it was. */
  readonly startAgain?: (command: readonly string[]) => readonly string[]
  /** Where the main collector sends to, in place of the backend's own port. */
  readonly endpoint?: (name: Name, port: number) => string
}

/** Three real collectors that run as a person has started them, and the project file that describes them. */
export class World {
  readonly folder = mkdtempSync(join(tmpdir(), 'failoverctl-process-'))
  configs: string[] = []
  /** Where the backends listen. */
  ports: readonly number[] = []
  #started: number[] = []
  #tools: ChildProcess[] = []

  async start({
    overrides = [],
    config,
    env = {},
    places = {},
    section,
    backend,
    startAgain,
    endpoint,
  }: WorldSettings = {}): Promise<void> {
    const binary = await buildCollector()
    const [grpc, http, metrics, ...ports] = (await freePorts(5)) as [number, number, number, number, number]
    this.ports = ports
    const at = (name: 'main' | Name) => places[name] ?? HERE
    const commands = NAMES.map((name, index) => [
      ...at(name).exec,
      binary,
      `--config=${path(`fixtures/poc/${name}.yaml`)}`,
      `--config=yaml:receivers::otlp::protocols::grpc::endpoint: ${at(name).host}:${ports[index]}`,
      `--config=yaml:exporters::file::path: ${join(this.folder, `${name}.jsonl`)}`,
    ])
    for (const [index, name] of NAMES.entries()) this.#spawn(name, commands[index] ?? [])
    for (const [index, name] of NAMES.entries()) await answersOn(ports[index] as number, at(name))
    const { host } = at('main')
    const own = [
      config ?? path('fixtures/poc/main.yaml'),
      'yaml:connectors::failover/traces::retry_interval: 2s',
      ...NAMES.map((name, index) => {
        const port = ports[index] as number
        return `yaml:exporters::otlp/${name}::endpoint: ${endpoint?.(name, port) ?? `${at(name).host}:${port}`}`
      }),
      `yaml:receivers::otlp::protocols::grpc::endpoint: ${host}:${grpc}`,
      `yaml:receivers::otlp::protocols::http::endpoint: ${host}:${http}`,
      `yaml:service::telemetry::metrics::readers: [{pull: {exporter: {prometheus: {host: ${host}, port: ${metrics}}}}}]`,
    ]
    this.configs = [...own, ...overrides]
    const main = [...at('main').exec, binary, ...this.configs.map(location => `--config=${location}`)]
    this.#spawn('main', main, env)
    await answersOn(metrics, { exec: [], host })
    const backends = Object.fromEntries(
      NAMES.map((name, index) => [
        name,
        {
          start: startAgain?.(commands[index] ?? []) ?? commands[index],
          'pid-file': `${name}.pid`,
          arrivals: `${name}.jsonl`,
          ...backend?.(name, ports[index] as number),
        },
      ]),
    )
    const described = {
      traffic: `http://${host}:${http}`,
      metrics: `http://${host}:${metrics}/metrics`,
      ...section,
      collector: { start: main, 'pid-file': 'main.pid', ...section?.collector },
      backends,
    }
    writeFileSync(join(this.folder, 'failoverctl.yaml'), JSON.stringify({ process: described }))
  }

  tool(...argv: string[]): ChildProcess {
    return this.#tool([], argv)
  }

  #tool(before: readonly string[], argv: readonly string[]): ChildProcess {
    const configs = this.configs.flatMap(config => ['--config', config])
    const common = argv[1] === 'recover' ? [] : [...QUICK, '--target', 'process', '--collector-version', '0.161.0', ...configs]
    const [command = '', ...rest] = argv
    const [program = '', ...words] = [...before, process.execPath, path('bin/failoverctl.js'), command, ...common, ...rest]
    const child = spawn(program, words, { cwd: this.folder })
    this.#tools.push(child)
    return child
  }

  run(...argv: string[]): Promise<{ exit: number | null; out: string; err: string }> {
    return this.runBy([], ...argv)
  }

  /** With words before the program's own: `setpriv`. */
  async runBy(before: readonly string[], ...argv: string[]): Promise<{ exit: number | null; out: string; err: string }> {
    const child = this.#tool(before, argv)
    const result = { out: '', err: '' }
    child.stdout?.on('data', chunk => (result.out += chunk))
    child.stderr?.on('data', chunk => (result.err += chunk))
    const [exit] = (await once(child, 'close')) as [number | null]
    return { exit, ...result }
  }

  pid(name: 'main' | Name): number {
    return Number(readFileSync(join(this.folder, `${name}.pid`), 'utf8'))
  }

  /** `S`, `T` where it is paused, undefined where it is gone or a zombie. */
  state(name: 'main' | Name): string | undefined {
    return stateOf(this.pid(name))
  }

  /** Whether a fault is written down that has not been taken back. */
  get isPending(): boolean {
    return existsSync(join(this.folder, '.failoverctl/undo.jsonl'))
  }

  /** Waits until the guard has taken back what a killed tool has left; answers with how long that took, in milliseconds. */
  async guarded(withinMs = 10_000): Promise<number> {
    const since = performance.now()
    while (this.isPending && performance.now() - since < withinMs) await sleep(20)
    return performance.now() - since
  }

  /** A guard ends by itself when nothing is left; throws where one does not. */
  async unguarded(): Promise<void> {
    for (let turn = 0; turn < 200 && this.guards.length > 0; turn++) await sleep(50)
    if (this.guards.length > 0) throw new Error(`guards are left: ${this.guards.join(', ')}\n${this.guardLog}`)
  }

  /** What the guards of all runs have said. */
  get guardLog(): string {
    const file = join(this.folder, '.failoverctl/guard.log')
    return existsSync(file) ? readFileSync(file, 'utf8') : ''
  }

  /** Guards that still live, by their numbers. */
  get guards(): number[] {
    return [...this.guardLog.matchAll(/^process (\d+) guards/gm)].map(([, pid]) => Number(pid)).filter(pid => stateOf(pid))
  }

  /** Files in the folder of the experiment's own notes, logs and journals aside. */
  get leftFiles(): string[] {
    const folder = join(this.folder, '.failoverctl')
    return existsSync(folder) ? readdirSync(folder).filter(name => !/\.log$|^journals$/.test(name)) : []
  }

  async stop(): Promise<void> {
    for (const tool of this.#tools) tool.kill('SIGKILL')
    // What the tool has started again is no child of ours.
    const all = [...NAMES, 'main' as const].map(name => this.pid(name))
    for (const pid of [...all, ...this.#started, ...this.guards]) if (pid > 0) kill(pid)
    rmSync(this.folder, { recursive: true, force: true })
  }

  #spawn(name: 'main' | Name, [command = '', ...args]: readonly string[], env: Readonly<Record<string, string>> = {}): void {
    const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: 'ignore' })
    this.#started.push(child.pid as number)
    writeFileSync(join(this.folder, `${name}.pid`), `${child.pid}\n`)
  }
}

function stateOf(pid: number): string | undefined {
  const stat = `/proc/${pid}/stat`
  const text = existsSync(stat) ? readFileSync(stat, 'utf8') : ''
  const state = text.slice(text.lastIndexOf(')') + 2).slice(0, 1)
  return state === '' || state === 'Z' ? undefined : state
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}

/** Connects from where somebody listens: not every place can be reached from here. */
async function answersOn(port: number, { exec, host }: Whereabouts): Promise<void> {
  const program = `require('net').connect(${port},'${host}').on('connect',()=>process.exit(0)).on('error',()=>process.exit(1))`
  const [command = '', ...rest] = [...exec, process.execPath, '-e', program]
  for (let turn = 0; turn < 100; turn++) {
    const [code] = await once(spawn(command, rest, { stdio: 'ignore' }), 'exit')
    if (code === 0) return
    await sleep(100)
  }
  throw new Error(`nobody listens on ${host}:${port}`)
}
