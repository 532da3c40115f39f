import type { Held } from './held.ts'
import type { Transform, Transformed } from './seams.ts'

/** A line as it is to be sent, or why it is not. */
export type TransformedLine =
  | { readonly kind: 'sent'; readonly line: Held; readonly skippedItems: number }
  | Extract<Transformed, { kind: 'skipped' | 'unreadable' }>

/** What the changes that were asked for make of a line. */
export function transformedLine(line: Held, transform: Transform | undefined): TransformedLine {
  const result = transform?.(line) ?? { kind: 'same' }
  switch (result.kind) {
    case 'same':
      return { kind: 'sent', line, skippedItems: 0 }
    case 'changed': {
      const { bytes, items, skippedItems } = result
      return { kind: 'sent', line: { ...line, bytes, items, chunk: undefined }, skippedItems }
    }
    default:
      return result
  }
}
