import { type Contents, MalformedPayload, type SpanKey } from './contents.ts'
import type { Signal } from './signal.ts'

// Field numbers of opentelemetry-proto 1.x. In all three signals a request holds resources (1),
// a resource holds scopes (2), and a scope holds spans, metrics or log records (2).
const RESOURCES = 1
const SCOPES = 2
const LEAVES = 2
const TRACE_ID = 1
const SPAN_ID = 2
/** Metric.data: gauge 5, sum 7, histogram 9, exponential_histogram 10, summary 11; data_points is 1 in each. */
const METRIC_KINDS = new Set([5, 7, 9, 10, 11])
const DATA_POINTS = 1

export function protobufContents(signal: Signal, body: Uint8Array): Contents {
  const spans: SpanKey[] = []
  let items = 0
  for (const resource of messages(body, RESOURCES)) {
    for (const scope of messages(resource, SCOPES)) {
      for (const leaf of messages(scope, LEAVES)) {
        if (signal === 'metrics') items += countDataPoints(leaf)
        else {
          items++
          if (signal === 'traces') spans.push(spanKey(leaf))
        }
      }
    }
  }
  return { items, spans }
}

/** Several requests as one: in protobuf, repeated fields of joined messages are joined too. */
export function joinProtobuf(bodies: readonly Uint8Array[]): Uint8Array {
  if (bodies.length === 1) return bodies[0] as Uint8Array
  const joined = new Uint8Array(bodies.reduce((length, body) => length + body.length, 0))
  let at = 0
  for (const body of bodies) {
    joined.set(body, at)
    at += body.length
  }
  return joined
}

function countDataPoints(metric: Uint8Array): number {
  let count = 0
  for (const { number, bytes } of fields(metric)) {
    if (bytes && METRIC_KINDS.has(number)) for (const _ of messages(bytes, DATA_POINTS)) count++
  }
  return count
}

function spanKey(span: Uint8Array): SpanKey {
  let [traceId, spanId] = ['', '']
  for (const { number, bytes } of fields(span)) {
    if (bytes && number === TRACE_ID) traceId = hex(bytes)
    if (bytes && number === SPAN_ID) spanId = hex(bytes)
    if (traceId && spanId) break
  }
  return { traceId, spanId }
}

const hex = (bytes: Uint8Array): string => Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')

function* messages(message: Uint8Array, wanted: number): Generator<Uint8Array> {
  for (const { number, bytes } of fields(message)) {
    if (number !== wanted) continue
    if (!bytes) throw new MalformedPayload(`field ${number} is not a message`)
    yield bytes
  }
}

interface Field {
  readonly number: number
  /** The content of a length-delimited field; undefined for numbers. */
  readonly bytes: Uint8Array | undefined
}

function* fields(message: Uint8Array): Generator<Field> {
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let scale = 1, read = 0; read < 10; scale *= 128, read++) {
      const byte = message[at++]
      if (byte === undefined) break
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
    throw new MalformedPayload('the message ends in the middle of a number')
  }
  const skip = (length: number): Uint8Array => {
    if (at + length > message.length) throw new MalformedPayload('the message is cut short')
    const bytes = message.subarray(at, at + length)
    at += length
    return bytes
  }
  while (at < message.length) {
    const tag = varint()
    const number = Math.floor(tag / 8)
    if (number === 0) throw new MalformedPayload('field number 0')
    switch (tag % 8) {
      case 0:
        varint()
        yield { number, bytes: undefined }
        break
      case 1:
        skip(8)
        yield { number, bytes: undefined }
        break
      case 2:
        yield { number, bytes: skip(varint()) }
        break
      case 5:
        skip(4)
        yield { number, bytes: undefined }
        break
      default:
        throw new MalformedPayload(`unknown wire type ${tag % 8}`)
    }
  }
}
