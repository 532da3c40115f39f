import type { Range } from './backup.ts'
import type { Held } from './held.ts'

/** The lines as unbroken ranges of their files. A line with several signals counts with the last of its parts. */
export const rangesOf = (lines: readonly Held[]): Range[] => unbroken(lines.filter(({ parts }) => isLastPart(parts)))

/** Whether the line is settled with this part of it; to be asked once for each part. */
export const isLastPart = (parts: Held['parts']): boolean => !parts || --parts.left === 0

/** Where lines lie, with those that follow each other as one. */
export function unbroken(lines: readonly Held[]): Range[] {
  const ranges: { file: string; from: number; to: number; lines: number; items: number }[] = []
  for (const { file, from, to, items, count } of lines) {
    const last = ranges.at(-1)
    if (last && last.file === file.id && last.to === from) {
      last.to = to
      last.lines += count
      last.items += items
    } else ranges.push({ file: file.id, from, to, lines: count, items })
  }
  return ranges
}
