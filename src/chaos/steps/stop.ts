import type { Step } from '../step.ts'

/** The backend is gone: its port is closed and its connections are reset. Senders learn it at once. */
export const stop = {
  kind: 'stop',
  needs: 'stop',
  inject: backend => backend.stop(),
  undo: backend => backend.start(),
} satisfies Step
