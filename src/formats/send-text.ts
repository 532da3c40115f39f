import { formatDuration } from '../core/duration.ts'
import type { Painter } from '../core/paint.ts'

/** What became of what one `send` has sent. Counts are spans, data points and log records. */
export interface SendSummary {
  readonly run: string
  /** `run` tells run and number by itself; `random`, and a file's `own`, do not: a sink cannot say which of those are missing. */
  readonly ids: 'run' | 'random' | 'own'
  readonly protocol: string
  readonly elapsed_s: number
  readonly sent: number
  readonly acknowledged: number
  readonly refused: number
  readonly unknown: number
  /** By partial successes; they are among the refused where it was all of a request, else among the unknown. */
  readonly rejected: number
  /** Due by the rate within the duration, and not sent because every connection waited for an answer. */
  readonly not_sent: number
  readonly reasons: Readonly<Record<string, number>>
  readonly requests: number
  /** Of the bodies, before compression. */
  readonly bytes: number
  readonly items_per_second: number
  /** Of requests, from when each was due. */
  readonly latency_ms: {
    readonly p50: number
    readonly p90: number
    readonly p99: number
    readonly p99_9: number
    readonly max: number
  }
  readonly signals: readonly SignalSummary[]
}

export interface SignalSummary {
  readonly signal: keyof typeof NOUNS
  readonly endpoints: readonly { readonly url: string; readonly acknowledged: number }[]
  readonly sent: number
  readonly acknowledged: number
  readonly refused: number
  readonly unknown: number
  readonly rejected: number
  /** Sequence numbers, both ends included; the first thousand ranges. */
  readonly refused_ranges: readonly (readonly [from: number, to: number])[]
  readonly unknown_ranges: readonly (readonly [from: number, to: number])[]
}

const NOUNS = { traces: 'spans', metrics: 'data points', logs: 'log records' } as const

export function sendText(summary: SendSummary, paint: Painter): string {
  const { refused, unknown, rejected, not_sent: notSent, latency_ms: latency } = summary
  const bad = (count: number) => (count > 0 ? paint.red(String(count)) : '0')
  const rows: [name: string, value: string][] = [
    ...summary.signals.map(({ signal, sent, endpoints }, index): [string, string] => [
      index === 0 ? 'sent' : '',
      `${sent} ${NOUNS[signal]} to ${endpoints.map(({ url }) => url).join(', ')}`,
    ]),
    [
      '',
      `${summary.items_per_second}/s for ${formatDuration(summary.elapsed_s * 1000)}, ${size(summary)} by ${summary.protocol}`,
    ],
    ['acknowledged', String(summary.acknowledged)],
    ...summary.signals.flatMap(byEndpoint),
    ['refused', bad(refused)],
    ['unknown', `${bad(unknown)}${unknown > 0 ? ' (they may have arrived)' : ''}`],
    ...(rejected > 0 ? [['rejected', `${bad(rejected)} in partial successes; nobody says which`] as [string, string]] : []),
    ...(notSent > 0
      ? [['not sent', `${bad(notSent)} that were due: the answers came too slowly for this rate`] as [string, string]]
      : []),
    ...Object.entries(summary.reasons).map(([reason, count]): [string, string] => ['', `${count} × ${reason}`]),
    [
      'latency',
      `p50 ${latency.p50}ms, p90 ${latency.p90}ms, p99 ${latency.p99}ms, p99.9 ${latency.p99_9}ms, max ${latency.max}ms`,
    ],
    ['run', summary.run],
  ]
  return rows.map(([name, value]) => `${paint.dim(name.padEnd(13))} ${value}\n`).join('')
}

/** Of several endpoints, what each has taken. */
const byEndpoint = ({ signal, endpoints }: SignalSummary): [string, string][] =>
  endpoints.length < 2 ? [] : endpoints.map(({ url, acknowledged }) => ['', `${acknowledged} ${NOUNS[signal]} by ${url}`])

const size = ({ requests, bytes }: SendSummary): string =>
  `${requests} ${requests === 1 ? 'request' : 'requests'} of ${bytes < 1e6 ? `${Math.round(bytes / 100) / 10} kB` : `${Math.round(bytes / 1e5) / 10} MB`}`
