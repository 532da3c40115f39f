import { diffLines } from 'diff'

/** Whole lines of a text that become others. `until` is the first line that stays; the same as `from` where lines are only added. */
export interface Replacement {
  readonly from: number
  readonly until: number
  readonly newText: string
}

/** What makes one text into the other, as few lines as can be. */
export function replacements(before: string, after: string): Replacement[] {
  const found: Replacement[] = []
  let line = 1
  let open: Replacement | undefined
  for (const { added, removed, count, value } of diffLines(before, after)) {
    if (!added && !removed) {
      if (open) found.push(open)
      open = undefined
      line += count
      continue
    }
    open ??= { from: line, until: line, newText: '' }
    if (removed) {
      line += count
      open = { ...open, until: line }
    } else open = { ...open, newText: open.newText + value }
  }
  return open ? [...found, open] : found
}
