import { type HowFar, happened, howFar } from '../chaos/journal/how-far.ts'
import type { RunRecord } from '../chaos/journal/record.ts'
import type { Painter } from '../core/paint.ts'

/** A run without an outcome: how far it came, and what it may have left behind. */
export function unfinishedText(record: RunRecord, paint: Painter): string {
  const { header, entries, file } = record
  const stood = howFar(record) as HowFar
  const { why, at_s, level, sent, acknowledged, refused, unknown, left } = stood
  const events = entries.filter(({ kind }) => kind !== 'sample' && kind !== 'check')
  const mark = why === undefined ? 'CUT OFF' : 'ENDED'
  return [
    `${paint.bold('failoverctl chaos')} on ${header.target}`,
    paint.dim(`config ${header.config}, as collector ${header.collector_version}; run ${header.run}, seed ${header.seed}`),
    paint.dim(`started ${header.started}${header.by.user ? ` by ${header.by.user}` : ''}; journal ${file}`),
    '',
    ...events.map(entry => `${paint.dim(`${entry.at_s.toFixed(2).padStart(8)}s`)}  ${happened(entry)}`),
    '',
    `  ${paint.dim('level'.padEnd(15))} ${level ?? 'not seen'}`,
    `  ${paint.dim('sent'.padEnd(15))} ${sent} spans: ${acknowledged} acknowledged, ${refused} refused, ${unknown} without an answer`,
    `  ${paint.dim('lost'.padEnd(15))} unknown: nobody has counted what the backends hold`,
    '',
    `${paint.yellow(paint.bold(mark))}  at ${at_s.toFixed(2)} s, ${why ?? 'without a word: it was killed, or it still goes on'}`,
    ...(left.length > 0
      ? [`Not taken back as far as the journal says: ${left.join(', ')}`, 'Next: failoverctl chaos recover']
      : []),
    '',
  ].join('\n')
}
