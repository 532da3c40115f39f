import type { FaultKind } from './fault.ts'

/** As if something in between had sent each request twice: what a retry after a lost answer does. */
export const duplicate = {
  kind: 'duplicate',
  usage: 'duplicate',
  what: 'take each request twice, as when a proxy in between repeats it',
  read: () => ({
    wrap: next => async arrival => {
      await next(arrival)
      return next(arrival)
    },
  }),
} satisfies FaultKind
