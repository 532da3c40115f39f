import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff'

/** What fixes would change, as `patch -p0` takes it. */
export function fixDiff(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string {
  const patches = Array.from(after, ([file, text]) =>
    createTwoFilesPatch(file, file, before.get(file) ?? '', text, undefined, undefined, {
      context: 3,
      headerOptions: FILE_HEADERS_ONLY,
    }),
  )
  return patches.join('')
}
