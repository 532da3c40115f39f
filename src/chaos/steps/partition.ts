import { always, type Step } from '../step.ts'

/** Packets between it and the collector are dropped: nobody is told, only timeouts notice. */
export const partition = { needs: 'partition', isDown: always } satisfies Step
