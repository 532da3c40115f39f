import { always, type Step } from '../step.ts'

/** Its process dies on the spot: what it had not written yet is gone. */
export const kill = { needs: 'kill', isDown: always } satisfies Step
