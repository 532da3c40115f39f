import { GRPC, grpcCodeName, isRetryable } from '../core/grpc.ts'
import type { GrpcReply, HttpReply, NoAnswer, NotSent, WireProblem } from '../core/host.ts'
import { partialSuccess } from './partial-success.ts'
import { cleaned, isWebPage, serverWords } from './server-words.ts'

/** What an OTLP client may conclude from an answer (opentelemetry-proto docs/specification.md). A `message` is the server's own words. */
export type Verdict =
  /** `rejected` counts the items of a partial success; they must not be sent again. A message without any is a warning. */
  | { readonly kind: 'accepted'; readonly rejected: number; readonly message?: string }
  /** May be sent again: the server said so, or never saw it (`notSent`). */
  | {
      readonly kind: 'try-later'
      readonly reason: string
      readonly afterMs: number | undefined
      readonly notSent: boolean
      /** An HTTP status, or over gRPC a code. */
      readonly status?: number
      readonly message?: string
      readonly problem?: WireProblem
    }
  /** Must not be sent again. The status is 0 for a request that is too large to be sent at all. */
  | { readonly kind: 'refused'; readonly reason: string; readonly status: number; readonly message?: string }
  /** Sent, and no answer: it may have arrived. */
  | { readonly kind: 'unknown'; readonly reason: string; readonly timedOut: boolean; readonly problem?: WireProblem }

type Headers = Readonly<Record<string, string>>

/** The only statuses after which OTLP over HTTP allows to send again. */
const RETRYABLE = new Set([429, 502, 503, 504])

/** In place of OTLP, with any status: the login of a proxy, the page of another server. */
export const WEB_PAGE = 'the answer is a web page, not OTLP'
const OVERSIZED = 'the answer is over 4 MiB'

/** The values of `secrets` are left out of messages: some servers repeat what they were sent. */
export function judgeReply(reply: HttpReply, epochMs: number, secrets: Headers = {}): Verdict {
  if (reply.kind !== 'answer') return judgeSilence(reply)
  const { status, headers, body, oversized } = reply
  if (oversized) return { kind: 'refused', reason: OVERSIZED, status }
  const isPage = isWebPage(headers)
  if (status >= 200 && status < 300 && !isPage) return { kind: 'accepted', ...partialSuccess(body, secrets) }
  const again = RETRYABLE.has(status)
  const message = cleaned(serverWords(status, headers, body), secrets)
  const reason = isPage && !again ? WEB_PAGE : `HTTP status ${status}${status === 413 || isTooLarge(message) ? TOO_LARGE : ''}`
  const words = said(message)
  if (!again) return { kind: 'refused', reason, status, ...words }
  const afterMs = retryAfterMs(headers['retry-after'], epochMs)
  return { kind: 'try-later', reason, afterMs, notSent: false, status, ...words }
}

export function judgeCall(reply: GrpcReply, secrets: Headers = {}): Verdict {
  if (reply.kind !== 'answer') return judgeSilence(reply)
  const { code, retryDelayMs } = reply
  if (code === GRPC.OK) return { kind: 'accepted', ...partialSuccess(reply.body, secrets) }
  const message = cleaned(reply.message, secrets)
  const reason = `gRPC status ${grpcCodeName(code)}${isTooLarge(message) ? TOO_LARGE : ''}`
  const words = said(message)
  if (!isRetryable(code, retryDelayMs)) return { kind: 'refused', reason, status: code, ...words }
  return { kind: 'try-later', reason, afterMs: retryDelayMs, notSent: false, status: code, ...words }
}

function judgeSilence(reply: NotSent | NoAnswer): Verdict {
  const problem = reply.problem ? { problem: reply.problem } : {}
  if (reply.kind === 'no-answer') return { kind: 'unknown', reason: reply.reason, timedOut: reply.timedOut, ...problem }
  return { kind: 'try-later', reason: reply.reason, afterMs: undefined, notSent: true, ...problem }
}

const TOO_LARGE = ', the request is too large'

/**
 * A collector answers 400 or RESOURCE_EXHAUSTED, as to much else; only Go's net/http and gRPC's words tell (core 0.161). The last
 * ones are those of gRPC in Java and .NET.
 */
export const isTooLarge = (message: string): boolean =>
  /request body too large|received message larger than max|message exceeds (the )?maximum/i.test(message)

const said = (message: string) => (message === '' ? {} : { message })

/** `Retry-After` in seconds or as an HTTP date. */
export function retryAfterMs(header: string | undefined, epochMs: number): number | undefined {
  if (header === undefined) return undefined
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1000
  const date = Date.parse(header)
  return Number.isNaN(date) ? undefined : Math.max(0, date - epochMs)
}
