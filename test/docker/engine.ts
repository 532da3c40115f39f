import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { buildCollector, hasGo } from '../collector/build.mjs'

const run = promisify(execFile)
const STARTS_WITHIN_S = 30
const ENDS_WITHIN_S = 15

/** As the compose file of the proof of concept calls it; in this engine it is the collector of test/collector. */
export const IMAGE = 'otel/opentelemetry-collector-contrib:0.161.0'

/** Why no engine can be started here; undefined: one can. CI has to have one. */
export async function whyNoEngine(): Promise<string | undefined> {
  if (process.env.CI) return undefined
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'an engine of its own needs Linux and root'
  if (!(await hasGo())) return 'the collector in it needs Go'
  for (const program of ['dockerd', 'docker']) {
    if (!(await isInstalled(program))) return `there is no ${program} in PATH`
  }
  return undefined
}

export const isInstalled = (program: string): Promise<boolean> =>
  run(program, ['--version']).then(
    () => true,
    () => false,
  )

/** A container engine of the test's own, beside any other: its socket, its images and its state are in one folder. No bridge, no rules. */
export class Engine {
  readonly folder = mkdtempSync(join(tmpdir(), 'failoverctl-engine-'))
  readonly socket = `unix://${join(this.folder, 'docker.sock')}`
  readonly env = { ...process.env, DOCKER_HOST: this.socket, DOCKER_CONTEXT: '' }
  #daemon: ChildProcess | undefined

  async start(): Promise<void> {
    const inFolder = (name: string) => join(this.folder, name)
    const log = openSync(inFolder('dockerd.log'), 'a')
    this.#daemon = spawn(
      'dockerd',
      [
        '--bridge=none',
        '--iptables=false',
        '--ip6tables=false',
        `--data-root=${inFolder('data')}`,
        `--exec-root=${inFolder('exec')}`,
        `--pidfile=${inFolder('dockerd.pid')}`,
        `--host=${this.socket}`,
      ],
      { stdio: ['ignore', log, log] },
    )
    this.#daemon.on('error', () => {})
    for (let turn = 0; turn < STARTS_WITHIN_S * 10; turn++) {
      if (await this.answers()) return this.#import()
      if (this.#daemon.exitCode !== null) break
      await sleep(100)
    }
    throw new Error(`dockerd does not start:\n${readFileSync(inFolder('dockerd.log'), 'utf8').slice(-2000)}`)
  }

  answers = (): Promise<boolean> =>
    this.docker('version').then(
      () => true,
      () => false,
    )

  /** Runs the docker client against this engine; answers with what it prints. */
  async docker(...words: string[]): Promise<string> {
    return (await run('docker', words, { env: this.env, timeout: 60_000 })).stdout.trim()
  }

  /** An image from nothing: there is no shell in it, and nothing else but the collector. */
  async #import(): Promise<void> {
    const binary = await buildCollector()
    const archive = join(this.folder, 'image.tar')
    await run('tar', ['-C', dirname(binary), '-cf', archive, basename(binary)])
    await this.docker('import', '--change', `ENTRYPOINT ["/${basename(binary)}"]`, archive, IMAGE)
    rmSync(archive)
  }

  /** Ends the daemon and leaves its containers where they are. */
  async stopDaemon(): Promise<void> {
    const daemon = this.#daemon
    this.#daemon = undefined
    if (!daemon || daemon.exitCode !== null || daemon.signalCode !== null) return
    const gone = once(daemon, 'exit')
    daemon.kill('SIGTERM')
    const late = setTimeout(() => daemon.kill('SIGKILL'), ENDS_WITHIN_S * 1000)
    await gone
    clearTimeout(late)
    // It ends with its daemon, unless that was killed.
    const pidFile = join(this.folder, 'exec/containerd/containerd.pid')
    if (daemon.signalCode === 'SIGKILL' && existsSync(pidFile)) process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGKILL')
  }

  async stop(): Promise<void> {
    if (await this.answers()) {
      const all = (await this.docker('ps', '--all', '--quiet')).split('\n').filter(id => id !== '')
      if (all.length > 0) await this.docker('rm', '--force', '--volumes', ...all)
    }
    await this.stopDaemon()
    // The network namespace that containers on the host's network were given; it stays mounted when its daemon ends.
    await run('umount', [join(this.folder, 'exec/netns/default')]).catch(() => {})
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
  }
}
