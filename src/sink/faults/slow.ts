import { sleep } from '../../core/clock.ts'
import type { Behaviour, FaultKind } from './fault.ts'
import { durationOf, rateOf, wrongSetting } from './read-setting.ts'

/** A receiver under load, or far away: it answers late, or as late as a thin line lets it. */
export const slow = {
  kind: 'slow',
  usage: 'slow=200ms or slow,bandwidth=1MiB',
  what: 'answer so much later, or after the bytes of all requests have come through a line of so many a second',
  read(value, options) {
    const delayMs = value === undefined ? 0 : durationOf('slow', value)
    const line = options.take('bandwidth')
    const bytesPerSecond = line === undefined ? undefined : rateOf('bandwidth', line)
    if (value === undefined && bytesPerSecond === undefined) throw wrongSetting('slow', '', 'a duration such as 200ms')
    return late(delayMs, bytesPerSecond)
  },
} satisfies FaultKind

function late(delayMs: number, bytesPerSecond: number | undefined): Behaviour {
  let lineIsFreeAt = 0
  return {
    wrap:
      (next, { clock, closing }) =>
      async arrival => {
        if (bytesPerSecond !== undefined) {
          lineIsFreeAt = Math.max(lineIsFreeAt, clock.now()) + (arrival.body.length / bytesPerSecond) * 1000
        }
        const wait = delayMs + Math.max(0, lineIsFreeAt - clock.now())
        const isOver = await sleep(clock, wait, closing).then(
          () => false,
          () => true,
        )
        return isOver ? { status: 503, reset: true } : next(arrival)
      },
  }
}
