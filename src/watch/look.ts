import type { HttpReply, Network, WireProblem } from '../core/host.ts'
import { formatBytes } from '../core/sizes.ts'
import { type Figures, readFigures } from '../metrics/figures.ts'
import { shownUrl, type Watched } from './watched.ts'

/** One look at a collector: what its metrics say or why they say nothing, and what its health check answers. */
export interface Look {
  /** Clock milliseconds at which the answer was there. */
  readonly at: number
  readonly figures: Figures | undefined
  /** Why there are no figures, for a person. */
  readonly problem: Problem | undefined
  readonly health: Health
  /** How far its clock is ahead of this machine's, where its answer says so; within a second or two nobody can tell. */
  readonly clockAheadMs: number | undefined
}

export interface Problem {
  readonly kind: 'unreachable' | 'silent' | 'not-metrics' | 'not-a-collector' | 'too-large'
  readonly message: string
  readonly hint: string
}

/** `unknown`: nobody said where to ask. */
export type Health = 'ok' | 'not-ok' | 'no-answer' | 'unknown'

/** A collector with thousands of exporters stays far below it. */
export const MAX_METRICS_BYTES = 50_000_000

interface Asking {
  readonly network: Pick<Network, 'get'>
  readonly clock: { now(): number; epochMs(): number }
  readonly timeoutMs: number
  readonly signal?: AbortSignal
}

/** Never rejects but for the signal: a collector that cannot be read is a finding, and the others go on. */
export async function lookAt(watched: Watched, asking: Asking): Promise<Look> {
  const [metrics, health] = await Promise.all([
    ask(watched.metricsUrl, asking, { accept: 'text/plain;version=0.0.4' }),
    watched.healthUrl === undefined ? undefined : ask(watched.healthUrl, asking),
  ])
  const at = asking.clock.now()
  const read = figuresIn(metrics, watched.metricsUrl)
  return {
    at,
    figures: 'kind' in read ? undefined : read,
    problem: 'kind' in read ? (read as Problem) : undefined,
    health: healthIn(health),
    clockAheadMs: metrics.kind === 'answer' ? clockAhead(metrics.headers.date, asking.clock.epochMs()) : undefined,
  }
}

const ask = (url: string, { network, timeoutMs, signal }: Asking, headers: Readonly<Record<string, string>> = {}) =>
  network.get({ url, headers, timeoutMs, maxReplyBytes: MAX_METRICS_BYTES, ...(signal && { signal }) })

function figuresIn(reply: HttpReply, url: string): Figures | Problem {
  if (reply.kind !== 'answer') return unanswered(reply, url)
  if (reply.oversized) {
    return {
      kind: 'too-large',
      message: `${shownUrl(url)} answers with more than ${formatBytes(MAX_METRICS_BYTES)}`,
      hint: 'A collector has a few hundred lines. Is it a federation endpoint, or an exporter for everything?',
    }
  }
  if (reply.status !== 200) {
    return {
      kind: 'not-metrics',
      message: `${shownUrl(url)} answers with status ${reply.status}`,
      hint: STATUS_HINTS.get(reply.status) ?? WHERE,
    }
  }
  const figures = readFigures(reply.body)
  if (figures.isCollector) return figures
  return strange(reply, url)
}

const WHERE = 'The metrics of a collector are at port 8888, path /metrics, unless `service.telemetry.metrics` says otherwise.'
const CREDENTIALS =
  'Something in front of the collector wants credentials; in Kubernetes it takes the verb `get` on `pods/proxy`.'
const UNREACHED =
  'What stands in front of the collector does not reach it: in a pod it serves its metrics only to itself unless the config says `host: 0.0.0.0`.'
const STATUS_HINTS: ReadonlyMap<number, string> = new Map([
  [401, CREDENTIALS],
  [403, CREDENTIALS],
  [502, UNREACHED],
  [503, UNREACHED],
])

function unanswered(reply: Exclude<HttpReply, { kind: 'answer' }>, url: string): Problem {
  if (reply.kind === 'no-answer' && reply.timedOut) {
    return {
      kind: 'silent',
      message: `${shownUrl(url)} takes the request and does not answer`,
      hint: 'The collector hangs, or has no time left: look at its CPU, and at its log.',
    }
  }
  const why = (reply.problem && REASONS[reply.problem]) ?? [reply.reason, 'Is it running, and is its address right?']
  return { kind: 'unreachable', message: `${shownUrl(url)}: ${why[0]}`, hint: why[1] }
}

const REASONS: Readonly<Partial<Record<WireProblem, readonly [message: string, hint: string]>>> = {
  refused: [
    'connection refused',
    'The collector is down, or serves its metrics elsewhere: by default only to its own machine, at localhost:8888.',
  ],
  'no-such-host': ['no such host', 'Check the name.'],
  unreachable: ['no way there', 'Check the address, and the network between.'],
  'no-connection-in-time': ['no connection in time', 'A firewall may be between here and there, or the machine is gone.'],
  'not-tls': ['the server does not speak TLS', 'Write http:// instead of https://.'],
  'other-protocol': ['the server does not speak HTTP', 'Port 4317 is OTLP over gRPC; the metrics are at port 8888.'],
  closed: ['connection closed before an answer', 'Something else may listen at this port, or the collector is just starting.'],
}

/** An answer without a metric of a collector: another format, another program, or nothing. */
function strange({ headers, body }: HttpReply & { kind: 'answer' }, url: string): Problem {
  const text = new TextDecoder().decode(body.subarray(0, 2000)).trimStart()
  const type = headers['content-type']?.split(';')[0] ?? 'no content type'
  if (/^[A-Za-z_:][\w:]*(?:\{.*\})?\s+\S+$/m.test(text)) {
    return {
      kind: 'not-a-collector',
      message: `${shownUrl(url)} serves Prometheus metrics, and none of a collector (otelcol_…)`,
      hint: "Another program's metrics, or those of a `prometheus` exporter: the collector's own are at `service.telemetry.metrics`.",
    }
  }
  const what = text === '' ? 'an empty answer' : /^\s*</.test(text) ? 'a web page' : /^[[{]/.test(text) ? 'JSON' : type
  return {
    kind: 'not-metrics',
    message: `${shownUrl(url)} does not speak the Prometheus text format: ${what}`,
    hint: WHERE,
  }
}

function healthIn(reply: HttpReply | undefined): Health {
  if (!reply) return 'unknown'
  if (reply.kind !== 'answer') return 'no-answer'
  return reply.status === 200 ? 'ok' : 'not-ok'
}

/** `Sat, 21 Nov 2026 13:33:48 GMT` against our own clock. The header is cut to seconds, so half of one is added. */
export function clockAhead(date: string | undefined, ownMs: number): number | undefined {
  const theirs = Date.parse(date ?? '')
  return Number.isNaN(theirs) ? undefined : theirs + 500 - ownMs
}
