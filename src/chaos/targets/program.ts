import { sleep } from '../../core/clock.ts'
import { FailoverctlError } from '../../core/errors.ts'
import type { Address, Host } from '../../core/host.ts'
import { maskSecrets } from '../../core/mask.ts'
import type { ProcessId, ProcessSignal } from '../../core/processes.ts'
import { ENDS_WITHIN_MS, endedWithin, type Inverse, perform, readPid } from '../inverse.ts'
import type { Prepared } from '../target.ts'

/** A program that runs on this machine already, and how it is ended and started again. */
export interface ProgramSettings {
  /** A program that stays in the foreground, and its arguments; with `stop`, a command that ends by itself. */
  readonly start: readonly string[]
  /** Ends it, in place of SIGTERM: `systemctl stop x`. Then `start` is the command that starts it: `systemctl start x`. */
  readonly stop?: readonly string[] | undefined
  /** Holds the number of its process; written anew when it is started again. */
  readonly pidFile: string
}

const READY_WITHIN_MS = 30_000
const LOOK_MS = 300
const POLL_MS = 50

/** A process that is known by its pid file. */
export class Program {
  readonly name: string
  #settings: ProgramSettings
  /** Where it listens, as far as that is known. */
  #listens: Address | undefined
  #host: Host

  constructor(name: string, settings: ProgramSettings, listens: Address | undefined, host: Host) {
    this.name = name
    this.#settings = settings
    this.#listens = listens
    this.#host = host
  }

  /** Throws `no-process` where it does not run. */
  async running(): Promise<ProcessId> {
    const { pidFile } = this.#settings
    const pid = await readPid(pidFile, this.#host)
    const found = await this.#host.processes.find(pid)
    if (found) return found
    throw new FailoverctlError('no-process', `process ${pid} of ${this.name} (${pidFile}) does not run`, 'Start it first.')
  }

  async prepare(deed: 'stop' | 'kill' | 'pause'): Promise<Prepared> {
    const was = await this.running()
    if (deed === 'pause') return this.#pausing(was)
    const inverse = await this.startsAgain(was)
    return {
      inverse,
      inject: () => (deed === 'stop' ? this.#stop(was) : this.#end(was, 'SIGKILL')),
      undo: async () => {
        await perform(inverse, this.#host)
        if (inverse.do === 'run') await this.#ready()
      },
    }
  }

  /** What starts it again once it has ended. */
  async startsAgain(was: ProcessId): Promise<Inverse & { readonly do: 'start' | 'run' }> {
    const { start: argv, stop, pidFile } = this.#settings
    if (stop) return { do: 'run', commands: [argv], what: `${this.name} was started by ${argv[0]}` }
    // Where nobody can connect while all is well, as into another network namespace, nobody will be able to afterwards.
    const isSeen = this.#listens && (await this.#answers(this.#listens))
    const listens = isSeen ? this.#listens : undefined
    return { do: 'start', argv, was, pidFile, log: `.failoverctl/${this.name.replaceAll('/', '-')}.log`, listens }
  }

  #pausing(was: ProcessId): Prepared {
    const inverse = { do: 'resume', process: was } as const
    return {
      inverse,
      inject: () => this.#send(was, 'SIGSTOP'),
      undo: async () => void (await perform(inverse, this.#host)),
    }
  }

  async #stop(victim: ProcessId): Promise<void> {
    const { stop } = this.#settings
    if (!stop) return this.#end(victim, 'SIGTERM')
    const { code, err, out } = await this.#host.tools.run(stop)
    if (code === 0) return this.#awaitEnd(victim, stop.join(' '))
    const said = maskSecrets(`${err}${out}`.trim().split('\n')[0] ?? '')
    throw new FailoverctlError(
      'tool-failed',
      `${this.name} cannot be stopped: ${stop[0]} ended with ${code ?? 'no code'}: ${said}`,
    )
  }

  async #end(victim: ProcessId, signal: ProcessSignal): Promise<void> {
    await this.#send(victim, signal)
    await this.#awaitEnd(victim, signal)
  }

  async #awaitEnd(victim: ProcessId, by: string): Promise<void> {
    if (await endedWithin(ENDS_WITHIN_MS, victim, this.#host)) return
    const what = maskSecrets(by)
    throw new FailoverctlError('no-process', `process ${victim.pid} of ${this.name} does not end`, `It was told by ${what}.`)
  }

  // To the process for which the undo is written down, and to no other.
  async #send(victim: ProcessId, signal: ProcessSignal): Promise<void> {
    if (await this.#host.processes.signal(victim, signal)) return
    throw new FailoverctlError('no-process', `process ${victim.pid} of ${this.name} is gone`)
  }

  /** A command that starts it is over before it listens. */
  async #ready(): Promise<void> {
    const { clock } = this.#host
    const until = clock.now() + READY_WITHIN_MS
    while (this.#listens && clock.now() < until && !(await this.#answers(this.#listens))) await sleep(clock, POLL_MS)
  }

  #answers = async (address: Address): Promise<boolean> => (await this.#host.network.connect(address, LOOK_MS)).kind === 'open'
}
