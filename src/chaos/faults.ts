import type { FaultWindow } from '../model/outcome.ts'
import type { PlannedFault } from './experiment.ts'
import { STEPS } from './steps/index.ts'
import type { Target, TargetBackend } from './target.ts'
import { UndoStack } from './undo.ts'
import type { UndoLog } from './undo-log.ts'

/** The faults of a run: what was made when, and its undo. */
export class Faults {
  readonly windows: { -readonly [K in keyof FaultWindow]: FaultWindow[K] }[] = []
  #undo = new UndoStack()
  #target: Target
  #log: UndoLog
  #now: () => number

  constructor(target: Target, log: UndoLog, now: () => number) {
    this.#target = target
    this.#log = log
    this.#now = now
  }

  async inject(fault: PlannedFault): Promise<void> {
    const backend = this.#backend(fault.backend)
    const inverse = await backend.inverse?.(fault.kind)
    const id = inverse && (await this.#log.before(`${fault.kind} ${fault.backend}`, inverse))
    this.#undo.push(fault.backend, async () => {
      await STEPS[fault.kind].undo(backend)
      if (id !== undefined) await this.#log.after(id)
    })
    // A process takes its time to end; the fault begins when it is told to.
    const at_s = this.#now()
    await STEPS[fault.kind].inject(backend, fault)
    this.windows.push({ at_s, until_s: null, kind: fault.kind, backend: fault.backend })
  }

  async undo(name: string): Promise<void> {
    await this.#undo.undo(name)
    for (const fault of this.windows) if (fault.backend === name) fault.until_s ??= this.#now()
  }

  /** Answers with the backends that were brought back; says what could not be. */
  async undoAll(tell: (text: string) => void): Promise<string[]> {
    const { undone, failed } = await this.#undo.unwind()
    for (const { name, error } of failed)
      tell(`COULD NOT BRING BACK ${name}: ${error instanceof Error ? error.message : String(error)}`)
    return undone
  }

  /** The exporters whose backends are failed now. */
  down(): Set<string> {
    const failed = this.windows.filter(({ until_s }) => until_s === null)
    return new Set(failed.flatMap(({ backend }) => this.#backend(backend).exporters))
  }

  #backend(name: string): TargetBackend {
    return this.#target.backends.find(backend => backend.name === name) as TargetBackend
  }
}
