/** A line of a file, and why it is there. */
export interface ExplainedLine {
  readonly line: number
  readonly text: string
  /** Its own reason; empty where it has none. */
  readonly own: string
  /** Its own, or that of the nearest line above which it belongs to; empty where none has one. */
  readonly why: string
}

const REASON = /\s*#! (.*)$/

/** A file as it is written: without the reasons. */
export const plainText = (text: string): string =>
  text
    .split('\n')
    .map(line => line.replace(REASON, ''))
    .join('\n')

/** Every line with its reason; lines without one of their own have that of the nearest line above that is less indented. */
export function explained(text: string): ExplainedLine[] {
  const above: { readonly indent: number; readonly why: string }[] = []
  return text
    .replace(/\n$/, '')
    .split('\n')
    .map((line, index) => {
      const own = REASON.exec(line)?.[1] ?? ''
      const indent = line.search(/\S/)
      while (indent >= 0 && above.length > 0 && (above.at(-1)?.indent ?? 0) >= indent) above.pop()
      const why = own === '' ? (above.at(-1)?.why ?? '') : own
      if (indent >= 0) above.push({ indent, why })
      return { line: index + 1, text: line.replace(REASON, ''), own, why: indent < 0 ? '' : why }
    })
}
