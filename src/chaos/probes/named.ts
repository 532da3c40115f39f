import { FailoverctlError } from '../../core/errors.ts'
import { nearest } from '../../core/nearest.ts'
import { where } from '../../experiment/place.ts'
import type { WishedProbe } from '../../experiment/probe-wish.ts'

/** The one that a probe names among those that there are. Throws `bad-experiment` with the place and the nearest name. */
export function named<T>(word: string, known: ReadonlyMap<string, T>, what: string, { at }: Pick<WishedProbe, 'at'>): T {
  const found = known.get(word)
  if (found !== undefined) return found
  const meant = nearest(word, known.keys())
  throw new FailoverctlError(
    'bad-experiment',
    `${where(at)}: no ${what} is called \`${word}\`${meant ? `; did you mean \`${meant}\`?` : ''}`,
    known.size > 0 ? `There are ${[...known.keys()].join(', ')}.` : `There is no ${what}.`,
  )
}
