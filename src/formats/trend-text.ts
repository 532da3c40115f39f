import type { Trend, TrendRun } from '../chaos/journal/trend.ts'
import { formatDuration } from '../core/duration.ts'
import type { Painter } from '../core/paint.ts'
import type { Spread } from '../experiment/figures.ts'

/** Several runs for a person: a line each, oldest first, and how their times are spread. */
export function trendText({ runs, count, failover_time_s, recovery_time_s }: Trend, paint: Painter): string {
  const rows = runs.map(run => [
    run.started.replace('T', ' ').replace('Z', ''),
    run.verdict,
    time(run.failover_time_s),
    time(run.recovery_time_s),
    `${run.lost ?? '?'}`,
    `${run.duplicated ?? '?'}`,
    run.run,
  ])
  const heads = ['started (UTC)', 'verdict', 'failover', 'recovery', 'lost', 'duplicated', 'run']
  const widths = heads.map((head, column) => Math.max(head.length, ...rows.map(row => (row[column] as string).length)))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] as number))
      .join('  ')
      .trimEnd()
  const painted = (text: string, { verdict }: TrendRun) =>
    text.replace(
      verdict,
      verdict === 'held' ? paint.green(verdict) : verdict === 'deviated' ? paint.red(verdict) : paint.yellow(verdict),
    )
  const notHeld = runs.filter(({ verdict }) => verdict !== 'held')
  return [
    paint.bold(`${runs.length} runs: ${countText(count)}`),
    '',
    `  ${paint.dim(line(heads))}`,
    ...rows.map((row, index) => `  ${painted(line(row), runs[index] as TrendRun)}`),
    '',
    `  ${paint.dim('failover time')}  ${spreadText(failover_time_s)}`,
    `  ${paint.dim('recovery time')}  ${spreadText(recovery_time_s)}`,
    ...(notHeld.length > 0 ? ['', ...notHeld.map(({ run, verdict, reason }) => `${run} ${verdict}: ${reason}`)] : []),
    '',
  ].join('\n')
}

export const countText = (count: Trend['count']): string =>
  Object.entries(count)
    .filter(([, runs]) => runs > 0)
    .map(([verdict, runs]) => `${runs} ${verdict}`)
    .join(', ')

export const spreadText = ({ min, p50, p95, max, never }: Spread): string =>
  min === null
    ? 'did not happen'
    : `p50 ${time(p50)}, p95 ${time(p95)}, from ${time(min)} to ${time(max)}${never > 0 ? `; did not happen in ${never}` : ''}`

const time = (seconds: number | null): string => (seconds === null ? '–' : formatDuration(seconds * 1000))
