import { formatDuration } from '../core/duration.ts'
import type { Painter } from '../core/paint.ts'
import type { Summary, Tally } from '../replay/seams.ts'

export interface ReplayReport extends Summary {
  readonly leftAlone: readonly { readonly path: string; readonly note: string }[]
  readonly state: string
}

/** What became of a backup, as a sum that adds up. */
export function replayText(report: ReplayReport, paint: Painter): string {
  const { files, read, acknowledged, rejected, deadLettered, skipped, left, stopped } = report
  const row = (name: string, { lines, items }: Tally) =>
    `  ${name.padEnd(14)}${String(items).padStart(12)} items${String(lines).padStart(12)} lines`
  const rows = [
    row('read', read),
    row('acknowledged', acknowledged),
    ...(rejected.items > 0 ? [row('rejected', rejected)] : []),
    ...(deadLettered.lines > 0 ? [row('dead letters', deadLettered)] : []),
    ...(skipped.lines + skipped.items > 0 ? [row('left out', skipped)] : []),
    row('left', left),
  ]
  return [
    stopped === undefined ? paint.green('Replayed') : paint.red(`Stopped: ${stopped}`),
    ...rows,
    `  ${files.finished} of ${files.found} files finished, ${files.moved} moved, in ${formatDuration(report.elapsedMs)}`,
    ...(report.possibleDuplicates > 0
      ? [`  ${report.possibleDuplicates} items may have arrived twice: sent again for want of an answer`]
      : []),
    ...(report.unreadBytes > 0 ? [`  ${report.unreadBytes} bytes not read: run it again to go on`] : []),
    ...report.leftAlone.map(({ path, note }) => `  ${path}: ${note}`),
    ...(deadLettered.lines + rejected.items > 0 ? [`  Dead letters and rejects are in ${report.state}`] : []),
    '',
  ].join('\n')
}
