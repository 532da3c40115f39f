import { maskSecrets } from '../core/mask.ts'
import type { Painter } from '../core/paint.ts'
import type { At } from '../source/value.ts'

/** Characters of a source line that are shown beside its number, where the screen has room. */
const MOST = 110
const LEAST = 40
/** How much stays visible before the marked word when the line is cut. */
const LEAD = 30

interface Drawing {
  readonly mark: (text: string) => string
  readonly paint: Painter
  /** Of the screen, where there is one. */
  readonly columns: number | undefined
}

/** The line of a finding with its word underlined, or nothing where the text is not at hand. */
export function sourceFrame(
  { file, line, column, length }: At,
  text: string | undefined,
  { mark, paint, columns }: Drawing,
): string[] {
  const source = text?.split(/\r\n|\r|\n/)[line - 1]
  // What a variable holds may be a secret.
  if (source === undefined || file.startsWith('env:')) return []
  const room = Math.max(LEAST, Math.min(MOST, (columns ?? Number.POSITIVE_INFINITY) - String(line).length - 3))
  const from = source.length > room ? Math.max(0, Math.min(column - 1 - LEAD, source.length - room)) : 0
  const shown = maskSecrets(source)
    .replaceAll('\t', ' ')
    .slice(from, from + room)
  const start = column - 1 - from
  const width = Math.max(1, Math.min(length, room - start))
  const number = String(line)
  const gutter = (label: string) => paint.dim(`${label.padStart(number.length)} |`)
  return [gutter(''), `${gutter(number)} ${shown}`, `${gutter('')} ${' '.repeat(start)}${mark('^'.repeat(width))}`]
}
