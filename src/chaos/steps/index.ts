import type { Step } from '../step.ts'
import type { Capability } from '../target.ts'
import { answer } from './answer.ts'
import { kill } from './kill.ts'
import { pause } from './pause.ts'
import { stop } from './stop.ts'

/** Every step by its kind; the flags of `chaos` are named after them. */
export const STEPS = { stop, kill, pause, answer } satisfies Record<Capability, Step>
