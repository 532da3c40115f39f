import { parseDuration } from '../core/duration.ts'
import { FailoverctlError } from '../core/errors.ts'
import { type At, lookup, type Value } from '../source/value.ts'

const HINT = 'schemas/experiment.schema.json says what an experiment may hold.'

export const where = ({ file, line, column }: At): string => `${file}:${line}:${column}`

/** What is wrong with an experiment file, with its place. */
export const bad = (place: At, what: string, hint = HINT): FailoverctlError =>
  new FailoverctlError('bad-experiment', `${where(place)}: ${what}`, hint)

/** Where an item of a list stands, or else the list, or else what is around it. */
export function at(value: Value | undefined, key: string, index: number): At {
  const list = lookup(value, key)
  return ((list?.kind === 'list' && list.items[index]) || value || list)?.at as At
}

export const ms = (text: string | undefined): number | undefined => (text === undefined ? undefined : parseDuration(text))
