/** What a receiver needs to know of a request: how many items, and for traces which spans. */
export interface Contents {
  /** Spans, data points or log records. */
  readonly items: number
  /** Empty for metrics and logs. */
  readonly spans: readonly SpanKey[]
}

/** Lower-case hexadecimal: 32 digits and 16. */
export interface SpanKey {
  readonly traceId: string
  readonly spanId: string
}

/** The body is not an OTLP request of that signal and encoding. */
export class MalformedPayload extends Error {}
