import { always, type Step } from '../step.ts'

/** Its nodes take no pods any more, and those that are there die: what a node does that is gone, for all but what runs beside. */
export const nodeLoss = { needs: 'node-loss', isDown: always } satisfies Step
