import { never, type Step } from '../step.ts'

/** It runs with another config for a while: the rollout that went wrong. */
export const config = { needs: 'config', isDown: never } satisfies Step
