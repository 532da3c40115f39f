import type { Backend } from '../../lab/backend.ts'
import { BEHAVED_DEEDS, behaviourOf } from '../behaviours.ts'
import type { TargetBackend } from '../target.ts'

/** A backend that runs in this process, as a sink that can misbehave. */
export function embeddedBackend(backend: Backend): TargetBackend {
  return {
    name: backend.name,
    exporters: backend.exporters,
    can: new Set(BEHAVED_DEEDS),
    async prepare(deed, fault) {
      const behaviour = behaviourOf(deed, fault)
      return { inject: () => backend.become(behaviour), undo: () => backend.become() }
    },
    mark: fromSequence => backend.mark(fromSequence),
    firstArrival: () => backend.firstSinceMark,
    witness: async () => backend.witness,
  }
}
