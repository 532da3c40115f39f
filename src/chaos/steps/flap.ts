import { type Clock, sleep } from '../../core/clock.ts'
import type { PlannedFault } from '../experiment.ts'
import { always, type Note, type Step } from '../step.ts'
import type { Prepared, Subject } from '../target.ts'

const DOWN_MS = 2000
const UP_MS = 2000

/** It goes down and comes back, again and again. It ends up. */
export const flap = {
  needs: 'stop',
  isDown: always,
  async prepare(subject, fault, clock, note) {
    const first = await subject.prepare('stop', { ...fault, kind: 'stop' })
    const ends = new AbortController()
    let flapping: Promise<void> = Promise.resolve()
    return {
      ...(first.inverse && { inverse: first.inverse }),
      async inject() {
        await first.inject()
        flapping = goOn(first, { subject, fault, clock, note, signal: ends.signal })
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

interface Flapping {
  readonly subject: Subject
  readonly fault: PlannedFault
  readonly clock: Clock
  readonly note: Note
  readonly signal: AbortSignal
}

/** Down already; ends up, whatever happens. */
async function goOn(first: Prepared, { subject, fault, clock, note, signal }: Flapping): Promise<void> {
  const { downMs = DOWN_MS, upMs = UP_MS } = fault
  // The undo of the first time stands for the whole flapping; each further time has one of its own, for what runs by then.
  let takenBack = async () => {}
  for (let down = first; ; ) {
    const goesOn = await sleep(clock, downMs, signal).then(...YES_OR_NO)
    await down.undo()
    await takenBack()
    if (!goesOn || !(await sleep(clock, upMs, signal).then(...YES_OR_NO))) return
    down = await subject.prepare('stop', { ...fault, kind: 'stop' })
    if (down.inverse) takenBack = await note(down.inverse)
    await down.inject()
  }
}

const YES_OR_NO = [() => true, () => false] as const
