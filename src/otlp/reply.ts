import { GRPC, grpcCodeName, isRetryable } from '../core/grpc.ts'
import type { GrpcReply, HttpReply } from '../core/host.ts'
import type { Signal } from './signal.ts'

/** What an OTLP client may conclude from an answer (opentelemetry-proto docs/specification.md). */
export type Verdict =
  /** `rejected` counts the items of a partial success; they must not be sent again. A message without any is a warning. */
  | { readonly kind: 'accepted'; readonly rejected: number; readonly message?: string }
  /** May be sent again: the server said so, or never saw it (`notSent`). */
  | {
      readonly kind: 'try-later'
      readonly reason: string
      readonly afterMs: number | undefined
      readonly notSent: boolean
      readonly status?: number
    }
  /** Must not be sent again. */
  | { readonly kind: 'refused'; readonly reason: string; readonly status: number }
  /** Sent, and no answer: it may have arrived. */
  | { readonly kind: 'unknown'; readonly reason: string; readonly timedOut: boolean }

/** The only statuses after which OTLP over HTTP allows to send again. */
const RETRYABLE = new Set([429, 502, 503, 504])

export function judgeReply(reply: HttpReply, epochMs: number): Verdict {
  switch (reply.kind) {
    case 'not-sent':
      return { kind: 'try-later', reason: reply.reason, afterMs: undefined, notSent: true }
    case 'no-answer':
      return { kind: 'unknown', reason: reply.reason, timedOut: reply.timedOut }
    case 'answer': {
      const { status } = reply
      if (status >= 200 && status < 300) return { kind: 'accepted', rejected: rejectedItems(reply.body) }
      const reason = `HTTP status ${status}`
      if (!RETRYABLE.has(status)) return { kind: 'refused', reason, status }
      return { kind: 'try-later', reason, afterMs: retryAfterMs(reply.headers['retry-after'], epochMs), notSent: false, status }
    }
  }
}

export function judgeCall(reply: GrpcReply, _signal: Signal): Verdict {
  switch (reply.kind) {
    case 'not-sent':
      return { kind: 'try-later', reason: reply.reason, afterMs: undefined, notSent: true }
    case 'no-answer':
      return { kind: 'unknown', reason: reply.reason, timedOut: reply.timedOut }
    case 'answer': {
      const { code, retryDelayMs } = reply
      if (code === GRPC.OK) return { kind: 'accepted', rejected: 0 }
      const reason = `gRPC status ${grpcCodeName(code)}`
      if (!isRetryable(code, retryDelayMs)) return { kind: 'refused', reason, status: code }
      return { kind: 'try-later', reason, afterMs: retryDelayMs, notSent: false, status: code }
    }
  }
}

/** `Retry-After` in seconds or as an HTTP date. */
export function retryAfterMs(header: string | undefined, epochMs: number): number | undefined {
  if (header === undefined) return undefined
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1000
  const date = Date.parse(header)
  return Number.isNaN(date) ? undefined : Math.max(0, date - epochMs)
}

const decoder = new TextDecoder()

// Only JSON is asked for; 64-bit numbers come as text there, and some servers send numbers.
function rejectedItems(body: Uint8Array): number {
  try {
    const { partialSuccess } = JSON.parse(decoder.decode(body)) as { partialSuccess?: Record<string, unknown> }
    const rejected = partialSuccess?.rejectedSpans ?? partialSuccess?.rejectedDataPoints ?? partialSuccess?.rejectedLogRecords
    return Number(rejected ?? 0) || 0
  } catch {
    return 0
  }
}
