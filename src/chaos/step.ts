import type { PlannedFault } from './experiment.ts'
import type { Capability, TargetBackend } from './target.ts'

/** One way to make a backend fail, and its opposite. `undo` is safe after an `inject` that failed halfway. */
export interface Step {
  readonly kind: string
  /** What the target must be able to do; said before the first step when it cannot. */
  readonly needs: Capability
  readonly inject: (backend: TargetBackend, fault: PlannedFault) => Promise<void>
  readonly undo: (backend: TargetBackend) => Promise<void>
}
