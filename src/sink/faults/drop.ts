import { filtered } from '../arrival.ts'
import type { FaultKind } from './fault.ts'
import { rangesOf, shareOf, wrongSetting } from './read-setting.ts'

/** The worst backend: it says yes and forgets. Nobody notices until somebody counts. */
export const drop = {
  kind: 'drop',
  usage: 'drop=10% or drop=500-599+700',
  what: 'answer 200 and forget a share of the items, or those of a run with these numbers',
  read(value = '100%') {
    const share = shareOf(value)
    const ranges = rangesOf(value)
    if (share === undefined && ranges === undefined)
      throw wrongSetting('drop', value, 'a share such as 10% or numbers such as 500-599')
    const isForgotten = (sequence: number) => ranges?.some(([from, to]) => sequence >= from && sequence <= to) ?? false
    return {
      wrap:
        (next, { random }) =>
        arrival =>
          next(filtered(arrival, (_, sequence) => (share === undefined ? !isForgotten(sequence) : random() >= share))),
    }
  },
} satisfies FaultKind
