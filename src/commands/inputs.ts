import { FailoverctlError } from '../core/errors.ts'
import type { Files } from '../core/host.ts'

export interface Inputs {
  /** Each is one config: the locations that are merged into it. */
  readonly configs: readonly (readonly string[])[]
  /** Patterns that no file matches. */
  readonly unmatched: readonly string[]
}

/** What a command line with files, patterns and `--config` asks to be checked, in its order, each thing once. */
export async function readInputs(
  { words, config, merge }: { words: readonly string[]; config: readonly string[]; merge: boolean },
  files: Files,
): Promise<Inputs> {
  const found: string[] = []
  const unmatched: string[] = []
  for (const word of words) {
    const paths = await expand(word, files)
    if (paths.length === 0) unmatched.push(word)
    found.push(...paths)
  }
  const named = [...new Set(found)]
  if (merge && unmatched.length === 0) return { configs: [[...config, ...named]].filter(isNotEmpty), unmatched }
  return { configs: merge ? [] : [...named.map(path => [path]), config].filter(isNotEmpty), unmatched }
}

const isNotEmpty = (locations: readonly string[]): boolean => locations.length > 0

// A file may be called like a pattern; a shell that found nothing passes the pattern on as it is.
async function expand(word: string, files: Files): Promise<string[]> {
  const isPattern = /[*?[\]{}]/.test(word) && !/^(?:env|yaml|file):/.test(word)
  return isPattern && !(await files.exists(word)) ? files.glob([word]) : [word]
}

export const noMatch = (pattern: string): FailoverctlError =>
  new FailoverctlError('no-such-file', `${pattern}: no file matches`, 'Check the pattern; it is read from the current folder.')
