import { FailoverctlError } from '../core/errors.ts'
import { lookup, type Value } from '../source/value.ts'

export type Placed = <T>(path: readonly (string | number)[], read: () => T) => T

/** What the schema cannot say (ids that differ, networks) is told with its place, as what it can say is. */
export const placedIn =
  (root: Value): Placed =>
  (path, read) => {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof FailoverctlError)) throw error
      const { file, line, column } = (lookup(root, ...path) ?? root).at
      throw new FailoverctlError('bad-proxy-file', `${file}:${line}:${column}: ${error.message}`, error.hint)
    }
  }
