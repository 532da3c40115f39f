import { never, type Step } from '../step.ts'

/** The volume of its queue, or of its files, takes nothing more. */
export const diskFull = { needs: 'disk-full', isDown: never } satisfies Step
