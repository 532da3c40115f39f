import { formatDuration } from '../core/duration.ts'
import type { Painter } from '../core/paint.ts'

/** What became of the spans of one `send`. Counts are spans. */
export interface SendSummary {
  readonly run: string
  readonly url: string
  readonly elapsed_s: number
  readonly sent: number
  readonly acknowledged: number
  readonly refused: number
  readonly unknown: number
  readonly reasons: Readonly<Record<string, number>>
  readonly spans_per_second: number
  readonly latency_ms: { readonly p50: number; readonly p95: number; readonly p99: number; readonly max: number }
}

export function sendText(summary: SendSummary, paint: Painter): string {
  const { p50, p95, p99, max } = summary.latency_ms
  const bad = (count: number) => (count > 0 ? paint.red(String(count)) : '0')
  const rows = [
    [
      'sent',
      `${summary.sent} spans in ${formatDuration(summary.elapsed_s * 1000)} (${summary.spans_per_second}/s) to ${summary.url}`,
    ],
    ['acknowledged', String(summary.acknowledged)],
    ['refused', bad(summary.refused)],
    ['unknown', `${bad(summary.unknown)}${summary.unknown > 0 ? ' (no answer: they may have arrived)' : ''}`],
    ...Object.entries(summary.reasons).map(([reason, count]) => ['', `${count} × ${reason}`]),
    ['latency', `p50 ${p50} ms, p95 ${p95} ms, p99 ${p99} ms, max ${max} ms`],
    ['run', summary.run],
  ]
  return rows.map(([name = '', value]) => `${paint.dim(name.padEnd(13))} ${value}\n`).join('')
}
