import { formatDuration } from '../core/duration.ts'
import type { Painter } from '../core/paint.ts'
import { formatBytes, formatCount } from '../core/sizes.ts'
import type { nextSteps } from '../replay/progress.ts'
import type { Summary, Tally } from '../replay/seams.ts'
import { shownPath } from './shown-path.ts'

export interface ReplayReport extends Summary {
  readonly leftAlone: readonly { readonly path: string; readonly note: string }[]
  /** Where checkpoint, dead letters and rejects are. */
  readonly state: string
  readonly next: ReturnType<typeof nextSteps>
}

/** Files that are told one by one: all of ten thousand may belong to somebody else. */
const MOST_SHOWN = 10

/** What became of a backup, as a sum that adds up, and what to do next. */
export function replayText(report: ReplayReport, paint: Painter): string {
  return [headOf(report, paint), ...sumRows(report, paint), '', ...factRows(report), ...stepRows(report), ''].join('\n')
}

function headOf({ stopped, unreadable }: ReplayReport, paint: Painter): string {
  if (stopped !== undefined) return paint.red(`Stopped: ${stopped}`)
  if (unreadable.length === 0) return paint.green('Replayed')
  return paint.red(
    `Replayed without ${formatCount(unreadable.length)} ${unreadable.length === 1 ? 'file' : 'files'} that cannot be read`,
  )
}

function sumRows({ read, acknowledged, rejected, deadLettered, skipped, left }: Summary, paint: Painter): string[] {
  const row = (sign: string, name: string, { lines, items }: Tally, colour: (text: string) => string = text => text) => {
    const text = `${sign} ${name.padEnd(14)}${formatCount(items).padStart(14)} items${formatCount(lines).padStart(12)} lines`
    return `  ${items + lines > 0 ? colour(text) : text}`
  }
  return [
    row(' ', 'read', read),
    row('=', 'acknowledged', acknowledged),
    row('+', 'rejected', rejected, paint.yellow),
    row('+', 'dead letters', deadLettered, paint.yellow),
    ...(skipped.lines + skipped.items > 0 ? [row('+', 'left out', skipped)] : []),
    row('+', 'left', left, paint.yellow),
  ]
}

function factRows({
  files,
  requests,
  retries,
  bytes,
  elapsedMs,
  possibleDuplicates,
  unreadBytes,
  leftAlone,
  unreadable,
}: ReplayReport): string[] {
  const speed = elapsedMs > 0 ? `, ${formatBytes((bytes * 1000) / elapsedMs)}/s` : ''
  const again = retries > 0 ? `, ${formatCount(retries)} of them again` : ''
  return [
    `  ${formatCount(files.finished)} of ${formatCount(files.found)} files finished, ${formatCount(files.moved)} moved`,
    `  ${formatBytes(bytes)} in ${formatCount(requests)} requests${again}, in ${formatDuration(elapsedMs)}${speed}`,
    ...(possibleDuplicates > 0
      ? [`  ${formatCount(possibleDuplicates)} items may have arrived twice: they were sent again for want of an answer`]
      : []),
    ...(unreadBytes > 0 ? [`  ${formatBytes(unreadBytes)} of the backup not read`] : []),
    ...unreadable.slice(0, MOST_SHOWN).map(({ path, note }) => `  ${shownPath(path)}: ${note}`),
    ...(unreadable.length > MOST_SHOWN ? [`  and ${formatCount(unreadable.length - MOST_SHOWN)} more`] : []),
    ...leftAlone.map(({ path, note }) => `  ${shownPath(path)}: ${note}`),
  ]
}

function stepRows({ next, state }: ReplayReport): string[] {
  const steps = {
    unreadable: 'let failoverctl read these files (owner and mode of file and folder), and run it again',
    again: 'run it again: it goes on where this run ended',
    'dead-letters': `look at ${shownPath(state)}/dead-letters.jsonl; --from-dead-letter sends them again`,
    rejects: `look at ${shownPath(state)}/rejects.jsonl: the backend took these requests without some of their items`,
  }
  return next.length === 0 ? [] : ['', ...next.map((step, index) => `${index === 0 ? 'Next: ' : '      '}${steps[step]}`)]
}
