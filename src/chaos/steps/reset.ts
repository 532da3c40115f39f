import { always, type Step } from '../step.ts'

/** It takes each request and breaks the connection off instead of answering. */
export const reset = { needs: 'reset', isDown: always } satisfies Step
