import { type Clock, sleep } from '../../core/clock.ts'
import { always, type Step } from '../step.ts'
import type { Prepared, Subject } from '../target.ts'

const DOWN_MS = 2000
const UP_MS = 2000

/** It goes down and comes back, again and again. It ends up. */
export const flap = {
  needs: 'stop',
  isDown: always,
  async prepare(subject, fault, clock) {
    const first = await subject.prepare('stop', { ...fault, kind: 'stop' })
    const ends = new AbortController()
    let flapping: Promise<void> = Promise.resolve()
    return {
      ...(first.inverse && { inverse: first.inverse }),
      async inject() {
        await first.inject()
        flapping = goOn(subject, first, fault, clock, ends.signal)
        // What goes wrong is told when it is taken back.
        flapping.catch(() => {})
      },
      async undo() {
        ends.abort()
        await flapping
      },
    }
  },
} satisfies Step

/** Down already; ends up, whatever happens. */
async function goOn(
  subject: Subject,
  first: Prepared,
  fault: Parameters<NonNullable<Step['prepare']>>[1],
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const { downMs = DOWN_MS, upMs = UP_MS } = fault
  for (let down = first; ; ) {
    const goesOn = await sleep(clock, downMs, signal).then(...YES_OR_NO)
    await down.undo()
    if (!goesOn || !(await sleep(clock, upMs, signal).then(...YES_OR_NO))) return
    down = await subject.prepare('stop', { ...fault, kind: 'stop' })
    await down.inject()
  }
}

const YES_OR_NO = [() => true, () => false] as const
