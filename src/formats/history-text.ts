import type { Revision } from '../deploy/record.ts'

export type Listed = Omit<Revision, 'config'> & { readonly kept: boolean }

/** Newest first; `underWay` is what goes on now, or what a crash left. */
export function historyText(
  target: string,
  underWay: { readonly id: string; readonly at: string; readonly by: string; readonly phase: string } | undefined,
  revisions: readonly Listed[],
): string {
  if (!underWay && revisions.length === 0) return `${target}: nothing was deployed yet\n`
  const rows = revisions.map(({ id, at, by, hash, end, kept, reason }) => [
    id,
    at,
    end,
    hash.slice(0, 12),
    by,
    [kept ? '' : 'config not kept', reason?.split('\n')[0] ?? ''].filter(Boolean).join('; '),
  ])
  const table = [['ID', 'WHEN', 'END', 'CONFIG', 'BY', 'WHY'], ...rows]
  const widths = table[0]?.map((_, column) => Math.max(...table.map(row => row[column]?.length ?? 0))) ?? []
  const lines = table.map(row =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  const now = underWay ? [`under way, or cut off: ${underWay.id} of ${underWay.by}, ${underWay.at}, ${underWay.phase}`] : []
  return `${[...now, ...lines].join('\n')}\n`
}
