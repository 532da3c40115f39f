import { always, type Step } from '../step.ts'

/** It is reachable and answers every request with an HTTP status of its own: overload, bad credentials, a broken proxy. */
export const reject = { needs: 'reject', isDown: always } satisfies Step
