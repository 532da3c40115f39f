import { FailoverctlError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { maskSecrets } from '../core/mask.ts'
import type { ExperimentFile, WishedCommand } from '../experiment/read-experiment.ts'
import type { Check } from '../model/outcome.ts'
import type { Observer, RunEvent } from './events.ts'
import { perform } from './inverse.ts'
import { clearUndoLog, UndoLog } from './undo-log.ts'

type World = Pick<Host, 'clock' | 'disk' | 'files' | 'network' | 'onLeaving' | 'processes' | 'tools'>

/**
 * The programs that an experiment runs beside its faults. Rollbacks are on the disk before the first fault, as undos are, so that
 * `chaos recover` does them where this process could not. One that fails is told as loud as an undo that does.
 */
export class Programs implements Observer {
  #wish: Pick<ExperimentFile, 'rollbacks' | 'controls'>
  #log: UndoLog
  #host: World
  #aborting = new AbortController()
  #checks: Check[] = []
  /** Rollbacks that are on the disk, in the order of the file. */
  #pending: { readonly id: string; readonly command: WishedCommand }[] = []
  #begun = false

  constructor(
    wish: Pick<ExperimentFile, 'rollbacks' | 'controls'>,
    run: string,
    self: ConstructorParameters<typeof UndoLog>[1],
    host: World,
  ) {
    this.#wish = wish
    this.#log = new UndoLog(run, self, host)
    this.#host = host
  }

  get abort(): AbortSignal {
    return this.#aborting.signal
  }

  async hear(event: RunEvent): Promise<void> {
    if (event.kind === 'steady' && event.reached) await this.#begin(event.at_s)
    // A run that never came to its method has nothing to clean up after it.
    if (event.kind === 'draining' && this.#begun) await this.#control('after-method', event.at_s)
  }

  checks = (): readonly Check[] => this.#checks

  async close(): Promise<void> {
    if (!this.#begun) return
    const failures: string[] = []
    for (const { id, command } of this.#pending.reverse()) {
      try {
        await perform(inverseOf(command), this.#host)
        await this.#log.after(id)
      } catch (error) {
        failures.push(`COULD NOT ROLL BACK ${command.name}: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
    if (this.#pending.length > 0) await clearUndoLog(this.#host)
    for (const control of this.#concerned('after-experiment')) {
      const problem = await this.#run(control)
      if (problem) failures.push(`${control.name} (after-experiment): ${problem}`)
    }
    if (failures.length > 0) throw new FailoverctlError('tool-failed', failures.join('\n'))
  }

  async #begin(at: number): Promise<void> {
    this.#begun = true
    for (const command of this.#wish.rollbacks) {
      this.#pending.push({ id: await this.#log.before(`rollback ${command.name}`, inverseOf(command)), command })
    }
    const problem = await this.#control('before-method', at)
    if (problem) this.#aborting.abort(`before-method: ${problem}`)
  }

  #concerned = (when: string) => this.#wish.controls.filter(control => control.when === when)

  /** Answers with the first problem. */
  async #control(when: string, at: number): Promise<string | undefined> {
    let first: string | undefined
    for (const control of this.#concerned(when)) {
      const problem = await this.#run(control)
      first ??= problem
      this.#checks.push({
        name: `${control.name} (${when})`,
        result: problem ? 'deviated' : 'held',
        expected: 'ends with 0',
        observed: problem ?? 'ended with 0',
        evidence: maskSecrets(control.run[0] ?? ''),
        at_s: at,
        took_s: null,
      })
    }
    return first
  }

  async #run({ run, timeoutMs }: WishedCommand): Promise<string | undefined> {
    const shown = maskSecrets(run[0] ?? '')
    try {
      const { code, timedOut } = await this.#host.tools.run(run, { timeoutMs })
      if (timedOut || code === undefined) return `${shown} did not end in time`
      return code === 0 ? undefined : `${shown} ended with ${code}`
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  }
}

const inverseOf = ({ name, run }: WishedCommand) => ({ do: 'run', commands: [run], what: `rolled back: ${name}` }) as const
