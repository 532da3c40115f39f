import { filtered } from '../arrival.ts'
import type { FaultKind } from './fault.ts'
import { shareOf, wrongSetting } from './read-setting.ts'

/** Partial success: some items of each request are rejected, with their number in the answer. They are not to be sent again. */
export const partial = {
  kind: 'partial',
  usage: 'partial=3 or partial=10%',
  what: 'reject the first items of each request, or a share of all items, and say how many',
  read(value = '') {
    const share = shareOf(value)
    const first = /^[1-9]\d*$/.test(value) ? Number(value) : undefined
    if (share === undefined && first === undefined)
      throw wrongSetting('partial', value, 'a number of items or a share such as 10%')
    return {
      wrap:
        (next, { random }) =>
        async arrival => {
          let rejected = 0
          const isRejected = (index: number) => (share === undefined ? index < (first as number) : random() < share)
          const answer = await next(
            filtered(arrival, index => {
              const isOut = isRejected(index)
              if (isOut) rejected++
              return !isOut
            }),
          )
          return rejected === 0 || answer.status >= 300 ? answer : { ...answer, rejected, message: 'asked to reject a part' }
        },
    }
  },
} satisfies FaultKind
