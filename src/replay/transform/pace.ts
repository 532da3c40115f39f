import { type Clock, sleep } from '../../core/clock.ts'
import type { Line } from '../backup.ts'
import type { Pace } from '../seams.ts'
import { recordedAtMs } from './recorded-at.ts'

/** Holds each line back until its recorded time has come, counted from the first line, `speed` times as fast. */
export function paceOf(speed: number, clock: Pick<Clock, 'now' | 'epochMs' | 'timer'>): Pace {
  let first: { readonly recordedMs: number; readonly now: number } | undefined
  return (line: Line, signal) => {
    const recordedMs = recordedAtMs(line)
    if (recordedMs === undefined) return undefined
    first ??= { recordedMs, now: clock.now() }
    const due = first.now + (recordedMs - first.recordedMs) / speed
    const wait = due - clock.now()
    return wait > 0 ? sleep(clock as Clock, wait, signal) : undefined
  }
}
