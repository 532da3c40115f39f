import { MalformedPayload } from './contents.ts'
import type { Signal } from './signal.ts'

/** The nesting of an OTLP request in JSON: resources, scopes, then spans, metrics or log records. */
export const FIELDS = {
  traces: ['resourceSpans', 'scopeSpans', 'spans'],
  metrics: ['resourceMetrics', 'scopeMetrics', 'metrics'],
  logs: ['resourceLogs', 'scopeLogs', 'logRecords'],
} as const satisfies Record<Signal, readonly string[]>

export const METRIC_KINDS = ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary']

const decoder = new TextDecoder('utf-8', { fatal: true })
const encoder = new TextEncoder()

/**
 * Several JSON requests of one signal as one. Bodies of the usual shape are joined as bytes;
 * one that is shaped otherwise (spaces, further keys) is parsed first.
 */
export function joinJson(signal: Signal, bodies: readonly Uint8Array[]): Uint8Array {
  if (bodies.length === 1) return bodies[0] as Uint8Array
  const key = FIELDS[signal][0]
  const open = `{"${key}":[`
  const inner = bodies.map(body => spliced(body, open) ?? JSON.stringify(list(parseRequest(body), key)).slice(1, -1))
  return encoder.encode(`${open}${inner.filter(part => part !== '').join(',')}]}`)
}

function spliced(body: Uint8Array, open: string): string | undefined {
  const text = decoder.decode(body)
  return text.startsWith(open) && text.endsWith(']}') ? text.slice(open.length, -2) : undefined
}

export function parseRequest(body: Uint8Array): Fields {
  try {
    return object(JSON.parse(decoder.decode(body)))
  } catch (error) {
    throw error instanceof MalformedPayload ? error : new MalformedPayload('the body is not JSON')
  }
}

export type Fields = Readonly<Record<string, unknown>>

export function object(value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new MalformedPayload('expected a JSON object')
  return value as Fields
}

// A list that is not there is empty, as in protobuf.
export function list(inside: Fields, key: string): Fields[] {
  const value = inside[key] ?? []
  if (!Array.isArray(value)) throw new MalformedPayload(`${key} must be a list`)
  return value.map(object)
}
