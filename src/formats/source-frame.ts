import type { Painter } from '../core/paint.ts'
import type { At } from '../source/value.ts'

/** Characters of a source line that fit beside its number. */
const WIDTH = 110
/** How much stays visible before the marked word when the line is cut. */
const LEAD = 30

/** The line of a finding with its word underlined, or nothing where the text is not at hand. */
export function sourceFrame(
  { line, column, length }: At,
  text: string | undefined,
  mark: (text: string) => string,
  paint: Painter,
): string[] {
  const source = text?.split(/\r\n|\r|\n/)[line - 1]
  if (source === undefined) return []
  const from = source.length > WIDTH ? Math.max(0, Math.min(column - 1 - LEAD, source.length - WIDTH)) : 0
  const shown = maskSecrets(source)
    .replaceAll('\t', ' ')
    .slice(from, from + WIDTH)
  const start = column - 1 - from
  const width = Math.max(1, Math.min(length, WIDTH - start))
  const number = String(line)
  const gutter = (label: string) => paint.dim(`${label.padStart(number.length)} |`)
  return [gutter(''), `${gutter(number)} ${shown}`, `${gutter('')} ${' '.repeat(start)}${mark('^'.repeat(width))}`]
}

const SECRET =
  /((?:token|api[-_]?key|secret|passw(?:or)?d|authorization|cookie|credential)[\w-]*["']?\s*:\s*)(?!["']?\$\{)("[^"]*"|'[^']*'|[^\s"',{}[\]][^,}\]]*)/gi
const PASSWORD = /(:\/\/[^\s/:@]*:)([^\s/@]+)(?=@)/g

/** Stars in place of what a line says after `token:`, `password:` and the like. Keeps its length, so that marks stay right. */
export const maskSecrets = (line: string): string => {
  const hide = (_: string, before: string, secret: string) => before + '*'.repeat(secret.length)
  return line.replace(SECRET, hide).replace(PASSWORD, hide)
}
