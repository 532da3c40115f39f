import type { Step } from '../step.ts'

/** The backend's process dies on the spot: what it had not written yet is gone. */
export const kill = {
  kind: 'kill',
  needs: 'kill',
  inject: backend => backend.kill(),
  undo: backend => backend.start(),
} satisfies Step
