import { sleep } from '../../core/clock.ts'
import { FailoverctlError } from '../../core/errors.ts'
import type { Host } from '../../core/host.ts'
import type { ProcessId } from '../../core/processes.ts'
import { hashOf, type TargetAddress } from '../record.ts'
import { diskStore, type RecordStore, readText } from '../store.ts'
import type { Change, DeployTarget, Looked, Member, Stage, Wait, Wish } from '../target.ts'

export interface FileSettings {
  readonly pid?: number | undefined
  /** Where the collector's number is: read anew each time, a supervisor may have started another one. */
  readonly pidFile?: string | undefined
  /** Of systemd: it knows the number. */
  readonly unit?: string | undefined
}

const POLL_MS = 200
/** A collector that refuses the config ends within moments of the signal. */
const SETTLES_MS = 1500

/** A config file and one collector that reads it anew on SIGHUP. One that cannot load what it finds ends: its supervisor starts it. */
export class FileTarget implements DeployTarget {
  readonly name: string
  readonly slug: string
  readonly address: TargetAddress
  readonly store: RecordStore
  readonly #path: string
  readonly #settings: FileSettings
  readonly #host: Host

  constructor(path: string, settings: FileSettings, host: Host) {
    this.#path = path
    this.#settings = settings
    this.#host = host
    this.name = path
    this.slug = `file-${path.replace(/[^\w.-]+/g, '_')}`
    const { pid, pidFile, unit } = settings
    this.address = { to: `file:${path}`, pid: pid === undefined ? undefined : String(pid), pidFile, unit }
    this.store = diskStore(this.slug, host)
  }

  async preflight({ canary }: Wish): Promise<void> {
    const { pid, pidFile, unit } = this.#settings
    if (canary)
      throw new FailoverctlError('wrong-use', 'a file has one collector: there is nothing to do first', 'Leave --canary out.')
    if (pid === undefined && pidFile === undefined && unit === undefined)
      throw new FailoverctlError(
        'wrong-use',
        `${this.#path}: no collector is named that reads it`,
        'Name it: --unit NAME of systemd, --pid-file FILE, or --pid NUMBER.',
      )
    if (!(await this.#collector()))
      throw new FailoverctlError(
        'no-process',
        unit === undefined ? `no process runs with the number of ${pidFile ?? `--pid ${pid}`}` : `unit ${unit} runs no process`,
        'Start the collector first.',
      )
  }

  async look(): Promise<Looked> {
    const config = await this.#read()
    if (config === undefined)
      throw new FailoverctlError('no-such-file', `${this.#path}: no such file`, 'Start a collector with it first.')
    return { backup: { config, state: {} }, remarks: [] }
  }

  async rehearse(): Promise<void> {
    const folder = this.#path.includes('/') ? this.#path.slice(0, this.#path.lastIndexOf('/')) || '/' : '.'
    if ((await this.#host.files.folder(folder)) === 'read-only')
      throw new FailoverctlError(
        'unwritable',
        `${folder}: may not be written to; nothing was changed`,
        'Run it as the owner of the config.',
      )
  }

  stages(change: Change): Stage[] {
    const write = async () => {
      if ((await this.#read()) !== change.backup.config) throw await this.#foreign(change)
      await this.#host.files.write(this.#path, new TextEncoder().encode(change.config))
    }
    return [
      {
        name: 'the collector',
        steps: [
          { name: `write ${this.#path}`, make: write },
          { name: 'SIGHUP', make: () => this.#reload() },
        ],
      },
    ]
  }

  async settle(_: Change, __: Stage, wait: Wait): Promise<string | undefined> {
    await wait.beat('the collector reads its config')
    await sleep(this.#host.clock, SETTLES_MS, wait.signal)
    return (await this.#collector()) ? undefined : 'the collector has ended: it could not run this config'
  }

  async inspect(change: Change): Promise<string | undefined> {
    if ((await hashOf((await this.#read()) ?? '')) !== change.hash) throw await this.#foreign(change)
    return (await this.#collector()) ? undefined : 'the collector has ended'
  }

  async members(): Promise<Member[]> {
    const collector = await this.#collector()
    if (!collector) return []
    const reach = async () => ({ url: (port: number) => `http://127.0.0.1:${port}`, close: async () => {} })
    return [{ name: `process ${collector.pid}`, reach }]
  }

  async restore(change: Change, wait: Wait): Promise<void> {
    const now = await this.#read()
    if (now !== change.backup.config) {
      if (now !== undefined && (await hashOf(now)) !== change.hash) throw await this.#foreign(change)
      await this.#host.files.write(this.#path, new TextEncoder().encode(change.backup.config))
    }
    const until = this.#host.clock.now() + wait.withinMs
    for (;;) {
      const collector = await this.#collector()
      if (collector) {
        await this.#reload()
        await sleep(this.#host.clock, SETTLES_MS)
        if (await this.#collector()) return
      }
      // `differences` says so.
      if (this.#host.clock.now() >= until) return
      await wait.beat('the collector has ended; waiting for its supervisor to start it with the old config')
      await sleep(this.#host.clock, POLL_MS)
    }
  }

  async differences(change: Change): Promise<string[]> {
    return [
      ...((await this.#read()) === change.backup.config ? [] : [`${this.#path} is not as it was`]),
      ...((await this.#collector()) ? [] : ['no collector runs; the old config is in its place: start it']),
    ]
  }

  async #reload(): Promise<void> {
    const collector = await this.#collector()
    if (collector) await this.#host.processes.signal(collector, 'SIGHUP')
  }

  async #collector(): Promise<ProcessId | undefined> {
    const { pid, pidFile, unit } = this.#settings
    if (unit !== undefined) return this.#mainProcess(unit)
    const number = pidFile === undefined ? pid : Number((await readText(pidFile, this.#host))?.trim() || Number.NaN)
    return number !== undefined && Number.isInteger(number) && number > 0 ? this.#host.processes.find(number) : undefined
  }

  async #mainProcess(unit: string): Promise<ProcessId | undefined> {
    const run = await this.#host.tools.run(['systemctl', 'show', '--property=MainPID', '--value', '--', unit])
    if (run.code !== 0)
      throw new FailoverctlError(
        'tool-failed',
        `systemctl cannot tell about ${unit}: ${run.err.trim()}`,
        'Name it by --pid-file.',
      )
    // 0 where it does not run, and where there is no such unit.
    const number = Number(run.out.trim())
    return number > 0 ? this.#host.processes.find(number) : undefined
  }

  #read = (): Promise<string | undefined> => readText(this.#path, this.#host)

  async #foreign(change: Change): Promise<FailoverctlError> {
    const theirs = { before: change.backup.config, now: (await this.#read()) ?? '' }
    return new FailoverctlError(
      'conflict',
      `somebody else changed ${this.#path} in the meantime; it was left as it is`,
      undefined,
      theirs,
    )
  }
}
