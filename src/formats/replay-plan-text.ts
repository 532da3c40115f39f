import { formatDuration } from '../core/duration.ts'
import type { Painter } from '../core/paint.ts'
import { formatBytes, formatCount, formatMany } from '../core/sizes.ts'
import { timestamp } from '../core/timestamp.ts'
import type { Plan } from '../replay/plan.ts'
import { shownPath } from './shown-path.ts'

const MOST_FILES = 20
const UNITS = { traces: 'spans', metrics: 'data points', logs: 'log records' } as const

/** What `replay --dry-run` says. */
export function replayPlanText(plan: Plan, paint: Painter): string {
  const { files, ignored, lines, bytes, requests, bySignal, damaged, firstMs, lastMs, expectedMs } = plan
  const counts = (Object.keys(UNITS) as (keyof typeof UNITS)[])
    .filter(signal => bySignal[signal] > 0)
    .map(signal => `${formatCount(bySignal[signal])} ${UNITS[signal]}`)
  const rows: [string, string][] = [
    ['files', `${formatCount(files.length)}, ${formatBytes(files.reduce((sum, file) => sum + file.bytes, 0))} on disk`],
    [
      'to send',
      `${formatMany(lines, 'line')} with ${counts.join(', ') || 'nothing'}: ${formatBytes(bytes)} in ${formatMany(requests, 'request')}`,
    ],
    ['recorded', firstMs === undefined || lastMs === undefined ? 'at times that are not said' : span(firstMs, lastMs)],
    [
      'takes',
      expectedMs === undefined
        ? 'as long as the backend needs: no rate, delay or speed is given'
        : `at least ${formatDuration(expectedMs)}`,
    ],
    ...(damaged > 0
      ? [['damaged', paint.yellow(`${formatMany(damaged, 'line')}, to be kept with the dead letters`)] as [string, string]]
      : []),
  ]
  const shown = files.slice(0, MOST_FILES).map(file => `  ${fileText(file)}\n`)
  const more = files.length > MOST_FILES ? [`  and ${formatCount(files.length - MOST_FILES)} more\n`] : []
  const others =
    ignored.length > 0
      ? [
          paint.dim(
            `${formatCount(ignored.length)} other files are no backups, such as ${shownPath(ignored[0]!.path)} (${ignored[0]!.reason})\n`,
          ),
        ]
      : []
  return [
    ...rows.map(([name, value]) => `${paint.dim(name.padEnd(8))} ${value}\n`),
    ...shown,
    ...more,
    ...others,
    'Nothing was sent.\n',
  ].join('')
}

const fileText = ({ path, shape, bytes, lines, items, damaged }: Plan['files'][number]): string => {
  const packed = shape.packing === 'none' ? '' : shape.packing === 'frames' ? ', zstd frames' : `, ${shape.packing}`
  const bad = damaged > 0 ? `, ${formatCount(damaged)} damaged` : ''
  return `${shownPath(path)}  ${formatBytes(bytes)} ${shape.encoding}${packed}: ${formatMany(lines, 'line')}, ${formatMany(items, 'item')}${bad}`
}

const span = (firstMs: number, lastMs: number): string =>
  `${timestamp(firstMs)} to ${timestamp(lastMs)} (${formatDuration(lastMs - firstMs)})`
