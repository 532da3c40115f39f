import type { Step } from '../step.ts'

/** The backend keeps its connections open and answers nothing: the slow death that only a timeout notices. */
export const pause = {
  kind: 'pause',
  needs: 'pause',
  inject: backend => backend.pause(),
  undo: backend => backend.resume(),
} satisfies Step
