import { isFree, type Strategy } from '../strategy.ts'

/** One endpoint does all the work, the others stand by in the order of their priority, then of the list. */
export const activePassive = (): Strategy => ({
  name: 'active-passive',
  levels: members => members.toSorted((a, b) => a.endpoint.priority - b.endpoint.priority).map(member => [member]),
  share:
    ([only]) =>
    (wanted, now) =>
      only && isFree(only, wanted, now) ? only : undefined,
})
