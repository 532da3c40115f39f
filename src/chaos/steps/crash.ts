import { always, type Step } from '../step.ts'

/** It dies on the spot and is started again: what was only in its memory is gone. */
export const crash = { needs: 'kill', isDown: always } satisfies Step
