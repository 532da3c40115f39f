import { formatDuration } from '../core/duration.ts'
import type { Painter } from '../core/paint.ts'
import type { Outcome } from '../model/outcome.ts'
import type { Figures, Measure, Simulation, Spread, Why } from '../simulate/result.ts'
import { faultWords } from './fault-words.ts'
import { measureText } from './measure-text.ts'
import { timelineText } from './timeline-text.ts'

/** A computed outage for a person: what happens when, the figures, and why. */
export function simulationText(simulation: Simulation, columns: number | undefined, paint: Painter): string {
  const parts = [
    heading(simulation, paint),
    timelineText(simulation.outcome, simulation.series, columns, paint),
    events(simulation.outcome, paint),
    simulation.runs.length > 1 ? spreads(simulation, paint) : figures(simulation, paint),
    reasons(simulation.why, paint),
    assertions(simulation, paint),
    verdict(simulation, paint),
  ]
  return parts.filter(part => part !== '').join('\n')
}

function heading({ outcome, scenario }: Simulation, paint: Painter): string {
  const { config, collector_version, seed, notes } = outcome
  const traffic = `${scenario.traffic} spans/s in requests of ${scenario.spans_per_request}, ${formatDuration(scenario.duration_s * 1000)}`
  const sender =
    scenario.sender_retry_s === null
      ? 'a sender that does not try again'
      : `a sender that tries again for ${formatDuration(scenario.sender_retry_s * 1000)}`
  return [
    `${paint.bold('failoverctl simulate')} ${config}, as collector ${collector_version}`,
    paint.dim(`${traffic}; ${sender}; ${scenario.runs > 1 ? `${scenario.runs} runs from ` : ''}seed ${seed}`),
    ...notes.map(note => paint.dim(`note: ${note}`)),
    '',
  ].join('\n')
}

const SHOWN_EVENTS = 24

function events({ levels, faults }: Outcome, paint: Painter): string {
  const all = [
    ...levels.map(({ at_s, level }) => ({ at: at_s, order: 1, text: levelText(level, paint) })),
    ...faults.flatMap(({ at_s, until_s, kind, backend }) => {
      const { made, ended } = faultWords(kind)
      const began = { at: at_s, order: 0, text: paint.red(`▼ ${backend} ${made}`) }
      return until_s === null ? [began] : [began, { at: until_s, order: 0, text: paint.green(`▲ ${backend} ${ended}`) }]
    }),
  ].sort((a, b) => a.at - b.at || a.order - b.order)
  const half = SHOWN_EVENTS / 2
  const isLong = all.length > SHOWN_EVENTS
  const line = ({ at, text }: { at: number; text: string }) => `${paint.dim(`${at.toFixed(2).padStart(10)}s`)}  ${text}`
  const lines = isLong
    ? [
        ...all.slice(0, half).map(line),
        paint.dim(`${' '.repeat(11)}  … ${all.length - SHOWN_EVENTS} more`),
        ...all.slice(-half).map(line),
      ]
    : all.map(line)
  return `${lines.join('\n')}\n`
}

function levelText(level: number, paint: Painter): string {
  if (level < 0) return paint.red('level -1: every level has failed')
  return level === 0 ? paint.green('level 0') : paint.yellow(`level ${level}`)
}

function figures({ runs, outcome, series }: Simulation, paint: Painter): string {
  const run = runs[0] as Figures
  const mark = (count: number) => (count > 0 ? paint.red(String(count)) : String(count))
  const { delivered } = outcome.ledger
  const peak = series.queues.map(queue => {
    const most = Math.max(...queue.peak)
    return `${queue.owner} ${most} of ${queue.capacity} ${queue.sizer}`
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

function spreads({ spread, runs }: Simulation, paint: Painter): string {
  const cells = (measure: Measure, { never, ...values }: Spread) => [
    ...COLUMNS.map(column => measureText(measure, values[column])),
    never > 0 ? `never in ${never} of ${runs.length}` : '',
  ]
  const rows = SHOWN.map(([name, measure]) => [name, ...cells(measure, spread[measure])])
  const head = ['', ...COLUMNS, '']
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map(row => (row[column] ?? '').length)))
  const line = (row: readonly string[]) =>
    `  ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] as number) : cell.padStart(widths[column] as number))).join('  ')}`.trimEnd()
  return `${[paint.dim(line(head)), ...rows.map(line)].join('\n')}\n`
}

const time = (seconds: number | null) => (seconds === null ? 'did not happen' : formatDuration(seconds * 1000))

const table = (rows: readonly (readonly [string, string])[], paint: Painter): string =>
  `${rows.map(([name, value]) => `  ${paint.dim(name.padEnd(15))} ${value}`).join('\n')}\n`

const KINDS = { loss: 'lost', refusal: 'refused', unknown: 'unknown', duplicate: 'twice', wait: 'waited' } as const

export function reasons(why: readonly Why[], paint: Painter): string {
  if (why.length === 0) return ''
  const lines = why.map(({ kind, what, count, seconds, rule, file, line }) => {
    const size = count === null ? formatDuration((seconds ?? 0) * 1000) : String(count)
    const place =
      file === null ? '' : `\n${' '.repeat(21)}${paint.dim(`${file}:${line}`)}${rule === null ? '' : `  ${paint.bold(rule)}`}`
    return `  ${KINDS[kind].padEnd(8)} ${size.padStart(8)}  ${what}${place}`
  })
  return `${paint.bold('Why')}\n${lines.join('\n')}\n`
}

function assertions({ assertions: found }: Simulation, paint: Painter): string {
  if (found.length === 0) return ''
  const lines = found.map(
    ({ text, holds, reason }) => `  ${holds ? paint.green('✓') : paint.red('✗')} ${text}  ${paint.dim(reason)}`,
  )
  return `${lines.join('\n')}\n`
}

function verdict({ outcome, assertions: found }: Simulation, paint: Painter): string {
  const { verdict: how, reason, config } = outcome
  const word =
    how === 'held'
      ? paint.green(paint.bold('HELD'))
      : how === 'deviated'
        ? paint.red(paint.bold('DEVIATED'))
        : paint.yellow(paint.bold('UNKNOWN'))
  const failed = found.filter(({ holds }) => !holds)
  const next = how === 'held' && failed.length === 0 ? '' : `Next: failoverctl validate ${config}\n`
  return `${word}  ${reason}\n${next}`
}
