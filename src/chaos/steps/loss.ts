import type { Step } from '../step.ts'

/** A share of the packets is lost: TCP sends them again, and everything takes longer. */
export const loss = { needs: 'loss', isDown: ({ share = 0 }) => share >= 1 } satisfies Step
