import type { Step } from '../step.ts'

/** The backend is reachable and answers every request with an HTTP status of its own: overload, bad credentials, a broken proxy. */
export const answer = {
  kind: 'answer',
  needs: 'answer',
  inject: (backend, { status = 503 }) => backend.answer(status),
  undo: backend => backend.start(),
} satisfies Step
