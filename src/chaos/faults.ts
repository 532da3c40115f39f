import type { Clock } from '../core/clock.ts'
import { formatDuration } from '../core/duration.ts'
import type { FaultWindow } from '../model/outcome.ts'
import type { PlannedFault } from './experiment.ts'
import type { Note } from './step.ts'
import { STEPS } from './steps/index.ts'
import type { Prepared, Subject, Target } from './target.ts'
import { UndoStack } from './undo.ts'
import type { UndoLog } from './undo-log.ts'

/** The faults of a run: what was made when, and its undo. */
export class Faults {
  readonly windows: { -readonly [K in keyof FaultWindow]: FaultWindow[K] }[] = []
  #active = new Map<PlannedFault, (typeof this.windows)[number]>()
  #undo = new UndoStack<PlannedFault>()
  #target: Target
  #log: UndoLog
  #clock: Clock
  #maxMs: number
  #now: () => number
  #overdue: (why: string) => void

  /** `now`: seconds from the start of traffic. `overdue` is told of a fault that lasts longer than `maxMs`. */
  constructor(target: Target, log: UndoLog, clock: Clock, maxMs: number, now: () => number, overdue: (why: string) => void) {
    this.#target = target
    this.#log = log
    this.#clock = clock
    this.#maxMs = maxMs
    this.#now = now
    this.#overdue = overdue
  }

  /** Answers with when it was told to happen, on the clock: to look at what is there takes its time before. */
  async make(fault: PlannedFault): Promise<number> {
    const subject = subjectOf(this.#target, fault.on)
    const note: Note = async inverse => {
      const id = await this.#log.before(`${fault.kind} ${fault.on}`, inverse)
      return () => this.#log.after(id)
    }
    const prepared = await prepare(subject, fault, this.#clock, note)
    const { inverse } = prepared
    const takenBack = inverse && (await note(inverse))
    const why = `${fault.kind} ${fault.on} has lasted ${formatDuration(this.#maxMs)}, the longest that a fault may last`
    const cancel = this.#clock.timer(this.#maxMs, () => this.#overdue(why))
    this.#undo.push(fault, async () => {
      cancel()
      await prepared.undo()
      await takenBack?.()
    })
    // A process takes its time to end; the fault begins when it is told to.
    const madeAt = this.#clock.now()
    const window = { at_s: this.#now(), until_s: null, kind: fault.kind, backend: fault.on }
    await prepared.inject()
    this.windows.push(window)
    this.#active.set(fault, window)
    return madeAt
  }

  /** Does nothing when it was taken back before. */
  async end(fault: PlannedFault): Promise<void> {
    await this.#undo.undo(fault)
    this.#ended(fault)
  }

  /** Answers with what was taken back; says what could not be. */
  async endAll(tell: (text: string) => void): Promise<string[]> {
    const { undone, failed } = await this.#undo.unwind()
    for (const { of, error } of failed)
      tell(`COULD NOT BRING BACK ${of.on}: ${error instanceof Error ? error.message : String(error)}`)
    for (const fault of undone) this.#ended(fault)
    return undone.map(({ on }) => on)
  }

  /** What is made and not taken back. */
  get active(): readonly PlannedFault[] {
    return [...this.#active.keys()]
  }

  #ended(fault: PlannedFault): void {
    const window = this.#active.get(fault)
    if (window) window.until_s ??= this.#now()
    this.#active.delete(fault)
  }
}

/** The backend of that name, or the collector; plans name no others. */
export const subjectOf = ({ backends, collector }: Target, name: string): Subject =>
  (backends.find(backend => backend.name === name) ?? collector) as Subject

/** For who only looks, and never makes the fault. */
const UNNOTED: Note = async () => async () => {}

/** Looks at what is there and makes nothing fail yet. */
export function prepare(subject: Subject, fault: PlannedFault, clock: Clock, note: Note = UNNOTED): Promise<Prepared> {
  const step = STEPS[fault.kind]
  return step.prepare ? step.prepare(subject, fault, clock, note) : subject.prepare(step.needs, fault)
}
