import { RUN_ATTRIBUTE, SEQUENCE_ATTRIBUTE, spanKeyOf } from './identity.ts'

const encoder = new TextEncoder()

/** An OTLP/JSON traces request with `count` spans of a run, numbered from `first`. */
export function traceRequest(run: string, first: number, count: number, epochMs: number): Uint8Array {
  const startTimeUnixNano = nanos(epochMs)
  const endTimeUnixNano = nanos(epochMs + 1)
  const spans = Array.from({ length: count }, (_, index) => ({
    ...spanKeyOf(run, first + index),
    name: 'failoverctl',
    kind: 1,
    startTimeUnixNano,
    endTimeUnixNano,
    attributes: [{ key: SEQUENCE_ATTRIBUTE, value: { intValue: String(first + index) } }],
    status: {},
  }))
  const attributes = [
    { key: 'service.name', value: { stringValue: 'failoverctl' } },
    { key: RUN_ATTRIBUTE, value: { stringValue: run } },
  ]
  return encoder.encode(
    JSON.stringify({ resourceSpans: [{ resource: { attributes }, scopeSpans: [{ scope: { name: 'failoverctl' }, spans }] }] }),
  )
}

// Whole milliseconds: nanoseconds since 1970 do not fit a double.
const nanos = (epochMs: number): string => `${Math.floor(epochMs)}000000`
