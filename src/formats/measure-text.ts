import { formatDuration } from '../core/duration.ts'
import type { Measure } from '../experiment/figures.ts'

/** A simulated figure for a person; null is what did not happen. */
export function measureText(measure: Measure, value: number | null): string {
  const isTime = measure === 'failover_time' || measure === 'recovery_time'
  if (value === null) return isTime ? 'never' : '–'
  if (isTime) return formatDuration(value * 1000)
  return measure === 'peak_queue' ? `${Math.round(value * 100)}%` : value.toLocaleString('en-US')
}

/** The measures that a table shows, with their heads. */
export const SHOWN_MEASURES: readonly (readonly [head: string, measure: Measure])[] = [
  ['failover', 'failover_time'],
  ['recovery', 'recovery_time'],
  ['lost', 'lost'],
  ['refused', 'refused'],
  ['duplicated', 'duplicated'],
  ['peak queue', 'peak_queue'],
]

/** Rows of cells as columns: the first to the left, all others to the right. */
export function columnsText(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => (row[column] ?? '').length)))
  return rows.map(row =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] as number) : cell.padStart(widths[column] as number)))
      .join('  '),
  )
}
