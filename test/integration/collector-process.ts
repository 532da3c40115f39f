import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** A real collector as a process of this test. */
export class CollectorProcess {
  readonly name: string
  log = ''
  #binary: string
  #configs: readonly string[]
  #env: Record<string, string>
  #flags: readonly string[]
  #child: ChildProcess | undefined

  /** `configs` are locations as `--config` takes them: paths, `yaml:` texts. */
  constructor(
    name: string,
    binary: string,
    configs: readonly string[],
    env: Record<string, string>,
    flags: readonly string[] = [],
  ) {
    this.name = name
    this.#binary = binary
    this.#configs = configs
    this.#env = env
    this.#flags = flags
  }

  /** Starts it and waits until it says that it is ready. */
  async start(): Promise<void> {
    const child = spawn(this.#binary, [...this.#configs.map(location => `--config=${location}`), ...this.#flags], {
      env: { ...process.env, ...this.#env },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    this.#child = child
    let ready = false
    child.stderr?.on('data', chunk => {
      this.log += chunk
      ready ||= String(chunk).includes('Everything is ready')
    })
    for (let turn = 0; turn < 200 && !ready; turn++) {
      if (child.exitCode !== null) throw new Error(`${this.name} ended at once:\n${this.log}`)
      await sleep(50)
    }
    if (!ready) throw new Error(`${this.name} did not get ready:\n${this.log}`)
  }

  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name)
  }

  /** Asks it to end, as `docker stop` does: what its file exporter still holds is written. Kills it when it does not listen. */
  async stop(): Promise<void> {
    const child = this.#child
    this.#child = undefined
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGCONT')
    child.kill('SIGTERM')
    const late = setTimeout(() => child.kill('SIGKILL'), 5000)
    await gone
    clearTimeout(late)
  }
}

/** Ports that were free a moment ago. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer())
  for (const server of servers) await once(server.listen(0, '127.0.0.1'), 'listening')
  const ports = servers.map(server => (server.address() as { port: number }).port)
  for (const server of servers) await once(server.close(), 'close')
  return ports
}
