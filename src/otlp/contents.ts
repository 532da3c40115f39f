/** Lower-case hexadecimal: 32 digits and 16. */
export interface SpanKey {
  readonly traceId: string
  readonly spanId: string
}

/** The body is not an OTLP request of that signal and encoding. */
export class MalformedPayload extends Error {}
