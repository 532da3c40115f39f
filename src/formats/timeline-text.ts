import { formatDuration } from '../core/duration.ts'
import type { Painter } from '../core/paint.ts'
import type { Outcome } from '../model/outcome.ts'
import type { Series } from '../simulate/result.ts'

const LABEL = 16
const WIDEST = 100
const NARROWEST = 20
const TAIL = 12
/** The level is known more exactly than coarse buckets are wide. */
const COARSEST = 60

/** An outage as a drawing for a terminal: the level as a step line, faults, what arrived where, what was lost, queues. */
export function timelineText(outcome: Outcome, series: Series, columns: number | undefined, paint: Painter): string {
  const width = Math.max(NARROWEST, Math.min(WIDEST, (columns ?? 100) - LABEL - TAIL - 4, Math.max(COARSEST, series.buckets)))
  const total = series.bucket_s * series.buckets
  const connectors = [...new Set(outcome.levels.map(({ connector }) => connector))]
  const rows = [
    ...connectors.flatMap(connector => levelRows(outcome, connector, connectors.length > 1, total, width, paint)),
    ...faultRows(outcome, total, width, paint),
    ...rateRows(series, width, paint),
    axis(total, width, paint),
  ]
  return `${rows.join('\n')}\n`
}

const row = (label: string, drawing: string, tail: string, paint: Painter): string =>
  `  ${paint.dim(fit(label, LABEL))} ${drawing} ${paint.dim(tail)}`.trimEnd()

export const fit = (text: string, width: number) => (text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width))

// At a change the line goes down (or up) in the column in which it happened.
function levelRows(
  { levels }: Outcome,
  connector: string,
  isNamed: boolean,
  total: number,
  width: number,
  paint: Painter,
): string[] {
  const own = levels.filter(level => level.connector === connector)
  const at = Array.from(
    { length: width },
    (_, column) => own.findLast(({ at_s }) => at_s < (total * (column + 1)) / width)?.level ?? 0,
  )
  const deepest = Math.max(1, ...at)
  const shown = [...Array.from({ length: deepest + 1 }, (_, level) => level), ...(at.includes(-1) ? [-1] : [])]
  const place = (level: number) => shown.indexOf(level)
  return shown.map((level, index) => {
    const cells = at.map((now, column) => cell(index, place(at[column - 1] ?? now), place(now))).join('')
    const name = level < 0 ? 'all failed' : `level ${level}`
    const colour = level < 0 ? paint.red : level === 0 ? paint.green : paint.yellow
    return row(isNamed ? `${connector} ${level}` : name, colour(cells), '', paint)
  })
}

export function cell(row: number, before: number, now: number): string {
  if (before === now) return row === now ? '━' : ' '
  const isDown = now > before
  if (row === before) return isDown ? '┓' : '┛'
  if (row === now) return isDown ? '┗' : '┏'
  return row > Math.min(before, now) && row < Math.max(before, now) ? '┃' : ' '
}

function faultRows({ faults }: Outcome, total: number, width: number, paint: Painter): string[] {
  return [...new Set(faults.map(({ backend }) => backend))].map(backend => {
    const own = faults.filter(fault => fault.backend === backend)
    const cells = Array.from({ length: width }, (_, column) => {
      const [from, to] = [(total * column) / width, (total * (column + 1)) / width]
      return own.some(({ at_s, until_s }) => at_s < to && (until_s ?? total) > from) ? '░' : ' '
    })
    return row(`✗ ${backend}`, paint.red(cells.join('')), '', paint)
  })
}

export const BARS = ' ▁▂▃▄▅▆▇█'

function rateRows({ delivered, refused, lost, queues, bucket_s }: Series, width: number, paint: Painter): string[] {
  const most = Math.max(...delivered.map(({ rate }) => usual(rate)), usual(refused))
  const rates = delivered.map(({ backend, rate }) => row(backend, bars(rate, most, width), perSecond(max(rate)), paint))
  const losses = lost.map(count => count / bucket_s)
  return [
    ...rates,
    ...(max(refused) > 0 ? [row('refused', paint.yellow(bars(refused, most, width)), perSecond(max(refused)), paint)] : []),
    ...(max(lost) > 0
      ? [row('lost', paint.red(bars(losses, Math.max(most, usual(losses)), width)), perSecond(max(losses)), paint)]
      : []),
    ...queues
      .filter(({ peak }) => max(peak) > 1)
      .map(({ owner, peak, capacity }) =>
        row(`queue ${owner}`, bars(peak, capacity, width), `${Math.round((100 * max(peak)) / capacity)}% full`, paint),
      ),
  ]
}

// The highest of the buckets in each column: a short peak must be seen.
function bars(values: readonly number[], top: number, width: number): string {
  return Array.from({ length: width }, (_, column) => {
    const from = Math.floor((values.length * column) / width)
    const value = max(values.slice(from, Math.max(from + 1, Math.floor((values.length * (column + 1)) / width))))
    return value > 0 && top > 0 ? BARS[Math.max(1, Math.round((8 * Math.min(value, top)) / top))] : ' '
  }).join('')
}

// A queue that empties at once would press all else flat: what is rare may leave the picture, its figure stands beside it.
function usual(values: readonly number[]): number {
  const sorted = values.filter(value => value > 0).sort((a, b) => a - b)
  return sorted[Math.floor(0.9 * (sorted.length - 1))] ?? 0
}

const perSecond = (value: number): string => `${Math.round(value).toLocaleString('en-US')}/s`
const max = (values: readonly number[]): number => values.reduce((most, value) => Math.max(most, value), 0)

function axis(total: number, width: number, paint: Painter): string {
  const labels = [0, 0.25, 0.5, 0.75, 1].map(part => ({
    at: Math.round(part * width),
    text: formatDuration(part * total * 1000),
  }))
  const line = labels.reduce((before, { at, text }) => {
    const start = Math.min(at, width - text.length)
    return start > before.length || before === '' ? before.padEnd(start) + text : before
  }, '')
  return `  ${' '.repeat(LABEL)} ${paint.dim(line)}`
}
