import { formatDuration } from '../core/duration.ts'
import type { Painter } from '../core/paint.ts'
import type { Figures, Measure, Spread } from '../experiment/figures.ts'
import type { Simulation } from '../simulate/result.ts'
import { columnsText, measureText } from './measure-text.ts'

/** What came of an outage: the figures of one run, or how those of many are spread. */
export const figuresText = (simulation: Simulation, paint: Painter): string =>
  simulation.runs.length > 1 ? spreadText(simulation, paint) : figures(simulation, paint)

function figures({ runs, outcome, series }: Simulation, paint: Painter): string {
  const run = runs[0] as Figures
  const mark = (count: number) => (count > 0 ? paint.red(String(count)) : String(count))
  const { delivered } = outcome.ledger
  const peak = series.queues.flatMap(({ owner, peak: sizes, capacity, sizer }) => {
    const most = Math.max(...sizes)
    return most > 0 ? [`${owner} ${most} of ${capacity} ${sizer}`] : []
  })
  return table(
    [
      ['failover time', time(run.failover_time)],
      ['recovery time', time(run.recovery_time)],
      ['sent', `${run.sent} spans`],
      ['acknowledged', String(run.acknowledged)],
      ['sender errors', `${mark(run.refused)}${run.unknown > 0 ? `, and ${run.unknown} without an answer` : ''}`],
      [
        'delivered',
        Object.entries(delivered)
          .map(([name, count]) => `${name} ${count}`)
          .join(', '),
      ],
      ['lost', mark(run.lost)],
      ['duplicated', String(run.duplicated)],
      ...(run.queued > 0 ? [['still queued', String(run.queued)] as const] : []),
      ...(peak.length > 0 ? [['peak queue', peak.join(', ')] as const] : []),
    ],
    paint,
  )
}

const SHOWN: readonly (readonly [name: string, measure: Measure])[] = [
  ['failover time', 'failover_time'],
  ['recovery time', 'recovery_time'],
  ['sender errors', 'refused'],
  ['lost', 'lost'],
  ['duplicated', 'duplicated'],
  ['still queued', 'queued'],
  ['peak queue', 'peak_queue'],
]
const COLUMNS = ['min', 'p50', 'p90', 'p95', 'p99', 'max'] as const

/** How the figures of several runs are spread. */
export function spreadText({ spread, runs }: Pick<Simulation, 'spread' | 'runs'>, paint: Painter): string {
  const cells = (measure: Measure, { never, ...values }: Spread) => [
    ...COLUMNS.map(column => measureText(measure, values[column])),
    never > 0 ? `never in ${never} of ${runs.length}` : '',
  ]
  const rows = SHOWN.map(([name, measure]) => [name, ...cells(measure, spread[measure])])
  const [head = '', ...lines] = columnsText([['', ...COLUMNS, ''], ...rows]).map(line => `  ${line}`.trimEnd())
  return `${[paint.dim(head), ...lines].join('\n')}\n`
}

const time = (seconds: number | null) => (seconds === null ? 'did not happen' : formatDuration(seconds * 1000))

const table = (rows: readonly (readonly [string, string])[], paint: Painter): string =>
  `${rows.map(([name, value]) => `  ${paint.dim(name.padEnd(15))} ${value}`).join('\n')}\n`
