import { type Fault, parseFault } from '../sink/parse-fault.ts'
import type { PlannedFault } from './experiment.ts'
import type { Deed } from './target.ts'

/** How a receiver behaves that we hold in our own hands: a sink of the lab, or the fault proxy before a real backend. */
const BEHAVIOURS: Readonly<Partial<Record<Deed, (fault: PlannedFault) => string>>> = {
  stop: () => 'refuse',
  pause: () => 'hang',
  reject: ({ status = 503 }) => `status=${status}`,
  'partial-success': ({ share = 1 }) => `partial=${share * 100}%`,
  reset: () => 'reset',
  // Nobody is told: connections are taken and nothing comes back, which is what a dropped packet looks like from here.
  partition: () => 'hang',
  latency: ({ latencyMs = 0 }) => `slow=${latencyMs}ms`,
}

export const BEHAVED_DEEDS = Object.keys(BEHAVIOURS) as readonly Deed[]

/** Throws `wrong-use` for a deed that is no behaviour. */
export const behaviourOf = (deed: Deed, fault: PlannedFault): Fault => parseFault(BEHAVIOURS[deed]?.(fault) ?? '')
