import type { Clock } from '../core/clock.ts'

export const realClock: Clock = {
  now: () => performance.now(),
  epochMs: () => Date.now(),
  timer(ms, task) {
    const timer = setTimeout(task, ms)
    return () => clearTimeout(timer)
  },
}
