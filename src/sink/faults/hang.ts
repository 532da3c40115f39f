import type { FaultKind } from './fault.ts'

/**
 * Connections and requests are taken, and nothing is answered until it is over: the slow death that only a timeout notices.
 * What came in meanwhile is handled then, unless its client has reset it.
 */
export const hang = {
  kind: 'hang',
  usage: 'hang',
  what: 'take requests and answer nothing until it is over',
  read: () => ({
    delays: true,
    wrap:
      (_, { over, again }) =>
      async arrival => {
        await over
        return again(arrival)
      },
  }),
} satisfies FaultKind
