import { always, type Step } from '../step.ts'

/** It is gone: its port is closed and its connections are reset. Senders learn it at once. */
export const stop = { needs: 'stop', isDown: always } satisfies Step
