import type { Clock } from '../core/clock.ts'
import type { PlannedFault } from './experiment.ts'
import type { Inverse } from './inverse.ts'
import type { Deed, Prepared, Subject } from './target.ts'

/** One kind of fault, made of what a subject can do. */
export interface Step {
  /** What the subject must be able to do; said before the first step when it cannot. */
  readonly needs: Deed
  /** Whether it takes nothing meanwhile, as its senders see it. `timeoutMs`: how long they wait for an answer. */
  isDown(fault: PlannedFault, timeoutMs: number): boolean
  /** undefined: just the deed that it needs. */
  readonly prepare?: (subject: Subject, fault: PlannedFault, clock: Clock, note: Note) => Promise<Prepared>
}

/** Puts one more undo on the disk, before what it takes back is done; the returned function says that it was taken back. */
export type Note = (inverse: Inverse) => Promise<() => Promise<void>>

export const always = () => true
export const never = () => false
