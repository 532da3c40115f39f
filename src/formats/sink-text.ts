import { formatDuration } from '../core/duration.ts'
import type { Painter } from '../core/paint.ts'
import type { RunReport, Verdict } from '../sink/reconcile.ts'
import type { SignalSummary, SinkSummary } from '../sink/summary.ts'

/** What a sink has received, for a person. */
export function sinkText(summary: SinkSummary, paint: Painter): string {
  const signals = Object.entries(summary.signals).filter(([, { requests }]) => requests > 0)
  const rows = [
    ['listened', `${formatDuration(summary.elapsed_s * 1000)}${arrivals(summary)}`],
    ...signals.map(([signal, of]) => [signal, signalText(signal, of)]),
    ...(signals.length === 0 ? [['received', 'nothing']] : []),
    ...notTaken(summary).map(text => ['not taken', paint.yellow(text)]),
  ]
  return [
    table(rows, paint),
    ...summary.runs.map(run => `\n${runText(run, paint)}`),
    ...(summary.verdict ? [`\n${verdictText(summary.verdict, summary.reason, paint)}`] : [`\n${paint.dim(summary.reason)}\n`]),
  ].join('')
}

const table = (rows: readonly (readonly string[])[], paint: Painter): string =>
  rows.map(([name = '', value]) => `${paint.dim(name.padEnd(13))} ${value}\n`).join('')

const arrivals = ({ first_s, last_s }: SinkSummary): string =>
  first_s === null || last_s === null
    ? ''
    : `, first arrival at ${formatDuration(first_s * 1000)}, last at ${formatDuration(last_s * 1000)}`

const ITEMS: Readonly<Record<string, string>> = { traces: 'spans', metrics: 'data points', logs: 'log records' }

function signalText(signal: string, { requests, items, foreign, bytes, items_per_second }: SignalSummary): string {
  if (items === null) return `${requests} requests, ${sizeText(bytes)}, not counted`
  const rate = items_per_second === null ? '' : ` (${items_per_second}/s)`
  const others = foreign ? `, ${foreign} of them of no run` : ''
  return `${items} ${ITEMS[signal]} in ${requests} requests, ${sizeText(bytes)}${rate}${others}`
}

const sizeText = (bytes: number): string =>
  bytes < 10_000 ? `${bytes} B` : bytes < 10_000_000 ? `${Math.round(bytes / 1000)} kB` : `${Math.round(bytes / 1_000_000)} MB`

const notTaken = ({ refused_requests, malformed_requests, waiting_requests }: SinkSummary): string[] => [
  ...Object.entries(refused_requests).map(([status, count]) =>
    status === 'reset' ? `${count} requests: the connection was reset` : `${count} requests: answered ${status}`,
  ),
  ...(malformed_requests > 0 ? [`${malformed_requests} requests: no OTLP`] : []),
  ...(waiting_requests > 0 ? [`${waiting_requests} requests: still without an answer`] : []),
]

function runText(report: RunReport, paint: Painter): string {
  const { run, signal, received, missing, missing_ranges, duplicates, duplicate_ranges, sender } = report
  const bad = (count: number, ranges: RunReport['missing_ranges']) =>
    count > 0 ? `${paint.red(String(count))}: ${rangesText(ranges)}` : '0'
  const unlisted = Math.min(missing, sender?.unlisted ?? 0)
  const word = report.verdict === 'lost' && unlisted === 0 ? 'lost' : 'missing'
  const rows = [
    ['received', `${received}${ofHowMany(report)}`],
    [word, sender?.numbered === false ? 'cannot be told' : bad(missing, missing_ranges)],
    ...(unlisted > 0 ? [['', `${unlisted} of them may never have been acknowledged: send lists only its first ranges`]] : []),
    ['duplicates', duplicates > 0 ? `${paint.yellow(String(duplicates))}: ${rangesText(duplicate_ranges)}` : '0'],
    ...(sender && sender.phantom > 0 ? [['phantom', `${bad(sender.phantom, sender.phantom_ranges)} (never sent)`]] : []),
    ...(sender && sender.unknown_received > 0
      ? [['', `${sender.unknown_received} arrived of which the sender got no full answer`]]
      : []),
    ...(sender && sender.refused_received > 0
      ? [['', `${sender.refused_received} arrived of which the sender was told that they were not taken`]]
      : []),
  ]
  return `${paint.bold(run === null ? 'no run' : `run ${run}`)}, ${signal}\n${table(rows, paint)}`
}

function ofHowMany({ expected, sender, highest }: RunReport): string {
  if (sender) return ` of ${sender.acknowledged} acknowledged, ${sender.sent} sent`
  if (expected !== null) return ` of ${expected} expected`
  return highest === null ? '' : `, the highest is ${highest}`
}

const SHOWN_RANGES = 10

/** `500-509, 700, and more`. */
function rangesText(ranges: RunReport['missing_ranges']): string {
  const shown = ranges.slice(0, SHOWN_RANGES).map(([from, to]) => (from === to ? String(from) : `${from}-${to}`))
  return [...shown, ...(ranges.length > SHOWN_RANGES ? ['and more'] : [])].join(', ')
}

const PAINTS: Readonly<Record<Verdict, 'green' | 'red' | 'yellow'>> = {
  complete: 'green',
  lost: 'red',
  missing: 'red',
  unknown: 'yellow',
}

const verdictText = (verdict: Verdict, reason: string, paint: Painter): string =>
  `${paint[PAINTS[verdict]](verdict.toUpperCase())}: ${reason}\n`
