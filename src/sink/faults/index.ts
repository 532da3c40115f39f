import { drop } from './drop.ts'
import { duplicate } from './duplicate.ts'
import type { FaultKind } from './fault.ts'
import { hang } from './hang.ts'
import { partial } from './partial.ts'
import { refuse } from './refuse.ts'
import { reset } from './reset.ts'
import { slow } from './slow.ts'
import { status } from './status.ts'

/** Every way to misbehave. The sink, the lab's backends and the steps of an experiment speak of them by these names. */
export const FAULTS: readonly FaultKind[] = [refuse, hang, slow, reset, status, partial, drop, duplicate]
