import { type Check, when } from './part.ts'
import { queue } from './queue.ts'

/** The stand-in of the tests holds the same; the real connector says so in its changelog of contrib 0.163.0. */
export const failover: readonly Check[] = [
  ...queue,
  read =>
    when(
      read.hasBlank('condition.error.contains'),
      'condition.error.contains',
      'an empty text is in `contains`, and every error has that in it',
      'Remove it, or all of `condition` if any error should fail over.',
    ),
]
