import { formatDuration } from '../core/duration.ts'
import type { Bar } from '../core/host.ts'
import type { Painter } from '../core/paint.ts'
import { formatBytes, formatCount, formatMany } from '../core/sizes.ts'
import type { FileProgress, Snapshot } from '../replay/progress.ts'
import type { ThrottleState } from '../replay/throttle/throttle.ts'
import { shownPath } from './shown-path.ts'

/** More files than this are not shown one by one. */
const MOST_FILES = 4

/** What stands on a terminal: a bar for each file that is read, one for all, and how the backend does. */
export function replayBars(snapshot: Snapshot, throttle: ThrottleState, paint: Painter): Bar[] {
  const { files, bytes, open } = snapshot
  const shown = open.slice(0, MOST_FILES).map(fileBar)
  const rest = open.length - shown.length
  return [
    ...shown,
    {
      label: `all ${formatMany(files.found, 'file')}${rest > 0 ? ` (${rest} more open)` : ''}`,
      share: share(bytes.done, bytes.total),
      text: [
        percent(bytes.done, bytes.total),
        `${formatBytes(bytes.done)} of ${formatBytes(bytes.total)}`,
        leftText(snapshot),
      ].join('  '),
    },
    { label: '', share: undefined, text: speedText(snapshot, paint) },
    { label: '', share: undefined, text: backendText(snapshot, throttle, paint) },
  ]
}

/** The same as one line, for a log. */
export function replayLine(snapshot: Snapshot, throttle: ThrottleState, paint: Painter): string {
  const { elapsedMs, bytes } = snapshot
  const parts = [
    `${formatDuration(elapsedMs)}: ${percent(bytes.done, bytes.total)} of ${formatBytes(bytes.total)}`,
    speedText(snapshot, paint),
    backendText(snapshot, throttle, paint),
    leftText(snapshot),
  ]
  return `${parts.join('; ')}\n`
}

const fileBar = ({ path, bytes, at }: FileProgress): Bar => ({
  label: shownPath(path.slice(path.lastIndexOf('/') + 1)),
  share: at === undefined ? undefined : share(at, bytes),
  text: at === undefined ? `${formatBytes(bytes)} packed` : `${percent(at, bytes)}  ${formatBytes(bytes)}`,
})

function speedText({ acknowledged, itemsPerSecond, bytesPerSecond, deadLetters, rejected }: Snapshot, paint: Painter): string {
  const bad = [
    deadLetters > 0 ? formatMany(deadLetters, 'dead letter') : '',
    rejected > 0 ? `${formatCount(rejected)} rejected` : '',
  ].filter(text => text !== '')
  const good = `${formatCount(acknowledged.items)} items acknowledged, ${formatCount(itemsPerSecond)}/s, ${formatBytes(bytesPerSecond)}/s`
  return [good, ...bad.map(paint.yellow)].join(', ')
}

function backendText(
  { latencyMs, breakers, paused, retries }: Snapshot,
  { limit, baselineMs, restMs }: ThrottleState,
  paint: Painter,
): string {
  const low = baselineMs === undefined ? '' : ` (${formatDuration(round(baselineMs))} at low load)`
  const parts = [
    latencyMs === undefined ? 'no answer yet' : `backend answers in ${formatDuration(round(latencyMs))}${low}`,
    limit < 1 ? `1 at once, ${Math.round(100 * limit)}% of the time` : `${Math.floor(limit)} at once`,
    ...(retries > 0 ? [retries === 1 ? '1 retry' : `${formatCount(retries)} retries`] : []),
    ...[...breakers]
      .filter(([, state]) => state !== 'closed')
      .map(([name, state]) => paint.yellow(`breaker of ${name} ${state}`)),
    ...(restMs > 0 ? [paint.yellow(`asked to wait ${formatDuration(round(restMs))}`)] : []),
    ...(paused ? [paint.yellow('paused')] : []),
  ]
  return parts.join(', ')
}

const leftText = ({ leftMs }: Snapshot): string =>
  leftMs === undefined ? 'time left unknown' : `${formatDuration(Math.ceil(leftMs / 1000) * 1000)} left`

const share = (done: number, total: number): number => (total > 0 ? Math.min(1, done / total) : 1)
// Not before the very end it is all.
const percent = (done: number, total: number): string => `${Math.floor(100 * share(done, total))}%`
const round = (ms: number): number => (ms >= 10 ? Math.round(ms) : Math.round(ms * 10) / 10)
