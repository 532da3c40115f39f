import { always, type Step } from '../step.ts'

/** It is ended and started again at once, as in a rollout. */
export const restart = { needs: 'stop', isDown: always } satisfies Step
