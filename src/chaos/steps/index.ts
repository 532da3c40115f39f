import type { Action } from '../../experiment/wish.ts'
import type { Step } from '../step.ts'
import { config } from './config.ts'
import { crash } from './crash.ts'
import { diskFull } from './disk-full.ts'
import { flap } from './flap.ts'
import { kill } from './kill.ts'
import { latency } from './latency.ts'
import { loss } from './loss.ts'
import { nodeLoss } from './node-loss.ts'
import { partialSuccess } from './partial-success.ts'
import { partition } from './partition.ts'
import { pause } from './pause.ts'
import { reject } from './reject.ts'
import { reset } from './reset.ts'
import { restart } from './restart.ts'
import { stop } from './stop.ts'

/** Every step by the word that experiments and flags have for it. */
export const STEPS: Readonly<Record<Action, Step>> = {
  stop,
  kill,
  pause,
  restart,
  partition,
  latency,
  loss,
  reject,
  'partial-success': partialSuccess,
  reset,
  'disk-full': diskFull,
  config,
  flap,
  crash,
  'node-loss': nodeLoss,
}
