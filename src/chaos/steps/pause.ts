import { always, type Step } from '../step.ts'

/** It keeps its connections open and answers nothing: the slow death that only a timeout notices. */
export const pause = { needs: 'pause', isDown: always } satisfies Step
