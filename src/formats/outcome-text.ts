import { formatDuration } from '../core/duration.ts'
import type { Painter } from '../core/paint.ts'
import type { Check, FaultWindow, LedgerSummary, Outcome } from '../model/outcome.ts'
import { checksText } from './checks-text.ts'
import { countedRows } from './counted-words.ts'
import { faultWords } from './fault-words.ts'
import { isCollector } from './is-collector.ts'
import { validateCommand } from './validate-command.ts'

/** An outcome for a person: what happened when, what arrived, and whether the failover can be trusted. `drawing`: the same as a picture; `checks`: those that were asked for. */
export function outcomeText(
  outcome: Outcome,
  paint: Painter,
  command = 'chaos',
  drawing?: string,
  checks: readonly Check[] = [],
): string {
  const ran = outcome.ledger.sent > 0
  return [
    heading(outcome, command, paint),
    ...(ran ? [...(drawing ? [drawing] : []), timeline(outcome, paint), times(outcome, paint), ledger(outcome, paint)] : []),
    checksText(checks, paint),
    causes(outcome, paint),
    verdict(outcome, paint),
  ]
    .filter(part => part !== '')
    .join('\n')
}

function heading({ target, config, collector_version, run, seed, notes }: Outcome, command: string, paint: Painter): string {
  const lines = [
    `${paint.bold(`failoverctl ${command}`)} on ${target}`,
    paint.dim(
      `config ${config}${isCollector(collector_version) ? `, as collector ${collector_version}` : ''}; run ${run}, seed ${seed}`,
    ),
    ...notes.map(note => paint.dim(`note: ${note}`)),
  ]
  return `${lines.join('\n')}\n`
}

function timeline({ levels, faults, events: told = [] }: Outcome, paint: Painter): string {
  const events = [
    { at: 0, order: 0, text: 'traffic on' },
    ...levels.map(({ at_s, level }) => ({ at: at_s, order: 2, text: levelText(level, paint) })),
    ...faults.flatMap(fault => faultEvents(fault, paint)),
    ...told.map(({ at_s, source, text }) => ({ at: at_s, order: 3, text: paint.dim(`${source}: ${text}`) })),
  ].sort((a, b) => a.at - b.at || a.order - b.order)
  return `${events.map(({ at, text }) => `${paint.dim(`${at.toFixed(2).padStart(8)}s`)}  ${text}`).join('\n')}\n`
}

function levelText(level: number, paint: Painter): string {
  if (level < 0) return paint.red('level -1: every level has failed')
  return level === 0 ? paint.green('level 0') : paint.yellow(`level ${level}`)
}

function faultEvents({ at_s, until_s, kind, backend }: FaultWindow, paint: Painter) {
  const { made, ended } = faultWords(kind)
  const began = { at: at_s, order: 1, text: paint.red(`▼ ${backend} ${made}`) }
  return until_s === null ? [began] : [began, { at: until_s, order: 1, text: paint.green(`▲ ${backend} ${ended}`) }]
}

function times(outcome: Outcome, paint: Painter): string {
  const { failover_time_s, recovery_time_s, failover_interval_s, recovery_interval_s, levels } = outcome
  const evidence = [...new Set(levels.map(level => level.evidence))].join(', ')
  const late = outcome.ledger.counted?.delivery?.noticed_within_s ?? 0
  return table(
    [
      ['failover time', timeText(failover_time_s, failover_interval_s, late)],
      ['recovery time', timeText(recovery_time_s, recovery_interval_s, late)],
      ['level read from', evidence || 'nothing: no metric shows it'],
    ],
    paint,
  )
}

/** `late`: arrivals are noticed so many seconds late at most, so the time may be so much shorter. */
function timeText(time: number | null, interval: readonly [number, number] | null, late: number): string {
  const exact = time === null ? undefined : `${formatDuration(time * 1000)}${late > 0 ? ' or less' : ''}`
  const notes = [
    ...(interval ? [`level changed between ${interval[0].toFixed(2)} and ${interval[1].toFixed(2)} s, by the metrics`] : []),
    ...(late > 0 && exact ? [`arrivals are noticed up to ${formatDuration(late * 1000)} late`] : []),
  ]
  const text = exact ?? (interval ? 'no level took over' : 'did not happen')
  return notes.length > 0 ? `${text.padEnd(8)} (${notes.join('; ')})` : text
}

function ledger({ ledger: found, backends }: Outcome, paint: Painter): string {
  const mark = (count: number, text: string) => (count > 0 ? paint.red(text) : text)
  const delivered = Object.entries(found.delivered).map(([backend, count]) => {
    const level = backends.find(({ name }) => name === backend)?.level ?? null
    return `${level === null ? '' : `level ${level}: `}${backend} ${count}`
  })
  return table(
    [
      ['sent', `${found.sent} spans`],
      ['acknowledged', `${found.acknowledged}`],
      ['refused', `${found.refused}${found.refused > 0 ? ' (the sender was told, and can send them again)' : ''}`],
      ['unknown', `${found.unknown}${found.unknown > 0 ? ' (no answer: they may have arrived)' : ''}`],
      ['delivered', delivered.join(', ')],
      ['lost', mark(found.lost, `${found.lost}${marginText(found)}${rangesText(found)}`)],
      ['duplicated', `${found.duplicated}`],
      ...(found.queued > 0 ? [['queued', `${found.queued} (acknowledged, still in a queue when the drain ended)`] as const] : []),
      ...countedRows(found),
    ],
    paint,
  )
}

const marginText = ({ counted }: LedgerSummary): string => (counted?.margin ? ` ± ${counted.margin.spans}` : '')

const SHOWN_RANGES = 5

function rangesText({ lost_ranges }: LedgerSummary): string {
  if (lost_ranges.length === 0) return ''
  const shown = lost_ranges.slice(0, SHOWN_RANGES).map(([from, to]) => (from === to ? `${from}` : `${from}–${to}`))
  return ` (numbers ${shown.join(', ')}${lost_ranges.length > SHOWN_RANGES ? ', …' : ''})`
}

const table = (rows: readonly (readonly [string, string])[], paint: Painter): string =>
  `${rows.map(([name, value]) => `  ${paint.dim(name.padEnd(15))} ${value}`).join('\n')}\n`

function causes({ causes: found, verdict: how }: Outcome, paint: Painter): string {
  if (how === 'held' || found.length === 0) return ''
  const lines = found.map(({ file, line, rule, what }) => `  ${file}:${line}  ${paint.bold(rule)}  ${what}`)
  return `${paint.bold('What the config says about it')}\n${lines.join('\n')}\n`
}

function verdict({ verdict: how, reason, config, collector_version }: Outcome, paint: Painter): string {
  if (how === 'held') return `${paint.green(paint.bold('HELD'))}  ${reason}\n`
  const word = how === 'deviated' ? paint.red(paint.bold('DEVIATED')) : paint.yellow(paint.bold('UNKNOWN'))
  return `${word}  ${reason}\n${isCollector(collector_version) ? `Next: ${validateCommand(config)}\n` : ''}`
}
