import type { Painter } from '../core/paint.ts'

/** One request and its answer. */
export interface SentOnce {
  readonly signal: string
  readonly protocol: string
  readonly url: string
  readonly bytes: number
  /** As OTLP/JSON, whatever it was sent as. */
  readonly request: unknown
  readonly answer: 'accepted' | 'try-later' | 'refused' | 'unknown'
  /** Items of it that a partial success rejected. */
  readonly rejected: number
  /** What the server said to it, or why there was no answer. */
  readonly reason: string | null
  readonly latency_ms: number
}

export const sendOnceText = (all: readonly SentOnce[], paint: Painter): string => all.map(one => text(one, paint)).join('\n')

function text({ signal, protocol, url, bytes, request, answer, rejected, reason, latency_ms }: SentOnce, paint: Painter): string {
  const good = answer === 'accepted' && rejected === 0
  const words = { accepted: 'accepted', 'try-later': 'not taken, to be tried later', refused: 'refused', unknown: 'no answer' }
  const said = [rejected > 0 ? `${rejected} rejected` : '', reason ?? ''].filter(part => part !== '').join(': ')
  return `${signal} by ${protocol} to ${url} (${bytes} bytes)
${JSON.stringify(request, null, 2)}
${(good ? paint.green : paint.red)(words[answer])} in ${latency_ms}ms${said ? `: ${said}` : ''}
`
}
