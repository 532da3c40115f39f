import { byPriority, draw, type Strategy } from '../strategy.ts'

/** Any of them. */
export const randomly = (): Strategy => ({
  name: 'random',
  levels: byPriority,
  share: (members, random) => (wanted, now) => draw(members, wanted, now, random),
})
