/** The body is not an OTLP request of that signal and encoding. */
export class MalformedPayload extends Error {}
