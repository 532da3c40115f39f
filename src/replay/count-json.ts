import type { Signal } from '../otlp/signal.ts'

const encoder = new TextEncoder()

/**
 * A key that every item has once, as the collector writes it. No text inside a value can look like it: there a quote has a
 * backslash before it. Links carry a span id, too, so spans are counted by their end. A log record may lack one of two times.
 */
const KEYS: Readonly<Record<Signal, readonly Uint8Array[]>> = {
  traces: [encoder.encode('"endTimeUnixNano":"')],
  metrics: [encoder.encode('"timeUnixNano":"')],
  logs: [encoder.encode('"timeUnixNano":"'), encoder.encode('"observedTimeUnixNano":"')],
}

/** Spans, data points (with their exemplars) or log records of a line of JSON, without parsing it. At least 1. */
export function countItems(signal: Signal, line: Uint8Array): number {
  const text = Buffer.from(line.buffer, line.byteOffset, line.byteLength)
  return Math.max(1, ...KEYS[signal].map(key => count(text, key)))
}

function count(text: Buffer, key: Uint8Array): number {
  let found = 0
  for (let at = text.indexOf(key); at >= 0; at = text.indexOf(key, at + key.length)) found++
  return found
}
