import { RUN_ATTRIBUTE, SEQUENCE_ATTRIBUTE } from './identity.ts'
import { type Items, runParts } from './items.ts'
import { each, ProtobufCursor } from './protobuf-cursor.ts'
import type { Signal } from './signal.ts'

// Field numbers of opentelemetry-proto 1.x. In all three signals a request holds resources (1), a resource holds its own
// attributes (1 in 1) and scopes (2), and a scope holds spans, metrics or log records (2).
const RESOURCES = 1
const RESOURCE = 1
const RESOURCE_ATTRIBUTES = 1
const SCOPES = 2
const LEAVES = 2
const TRACE_ID = 1
const SPAN_ID = 2
const LOG_ATTRIBUTES = 6
const DATA_POINTS = 1
/** The attributes of a data point, by the field of Metric.data: gauge, sum, histogram, exponential histogram, summary. */
const POINT_ATTRIBUTES = new Map([
  [5, 7],
  [7, 7],
  [9, 9],
  [10, 1],
  [11, 7],
])

/** Adds every item of the request. Throws MalformedPayload, perhaps after some, when it is none. */
export function scanProtobuf(signal: Signal, body: Uint8Array, items: Items): void {
  const leaf = LEAF[signal]
  const at = new ProtobufCursor(body)
  each(at, body.length, RESOURCES, resourceEnd => {
    const run = signal === 'traces' ? NO_RUN : resourceRun(at, resourceEnd)
    each(at, resourceEnd, SCOPES, scopeEnd => each(at, scopeEnd, LEAVES, leafEnd => leaf(at, leafEnd, run, items)))
  })
}

type Run = readonly [high: number, low: number]
const NO_RUN: Run = [0, 0]

type Leaf = (at: ProtobufCursor, end: number, run: Run, items: Items) => void

const LEAF: Readonly<Record<Signal, Leaf>> = {
  traces: scanSpan,
  metrics: scanMetric,
  logs: (at, end, run, items) => scanAttributes(at, end, LOG_ATTRIBUTES, run, items),
}

function scanSpan(at: ProtobufCursor, end: number, _run: Run, items: Items): void {
  let [trace, span] = [-1, -1]
  while (at.position < end) {
    const tag = at.varint(end)
    if (tag === TRACE_ID * 8 + 2) {
      const inner = at.block(end)
      if (inner - at.position === 16) trace = at.position
      at.position = inner
    } else if (tag === SPAN_ID * 8 + 2) {
      const inner = at.block(end)
      if (inner - at.position === 8) span = at.position
      at.position = inner
    } else at.skip(tag, end)
  }
  if (trace < 0 || span < 0) items.add(0, 0, 0)
  else
    items.addSpan(at.word(trace), at.word(trace + 4), at.word(trace + 8), at.word(trace + 12), at.word(span), at.word(span + 4))
}

function scanMetric(at: ProtobufCursor, end: number, run: Run, items: Items): void {
  while (at.position < end) {
    const tag = at.varint(end)
    const attributes = tag % 8 === 2 ? POINT_ATTRIBUTES.get(Math.floor(tag / 8)) : undefined
    if (attributes === undefined) at.skip(tag, end)
    else each(at, at.block(end), DATA_POINTS, pointEnd => scanAttributes(at, pointEnd, attributes, run, items))
  }
}

/** An item whose run and number are attributes; its own run counts before its resource's. */
function scanAttributes(at: ProtobufCursor, end: number, field: number, resourceRun: Run, items: Items): void {
  let run = resourceRun
  let sequence = 0
  each(at, end, field, inner => {
    at.keyValue(inner)
    if (at.isNamed(SEQUENCE_KEY)) sequence = at.intValue()
    else if (at.isNamed(RUN_KEY)) run = runParts(at.stringValue())
  })
  items.add(run[0], run[1], sequence)
}

/** The run that a resource's attributes name. Leaves the cursor where it was. */
function resourceRun(at: ProtobufCursor, end: number): Run {
  const start = at.position
  let run = NO_RUN
  each(at, end, RESOURCE, resourceEnd =>
    each(at, resourceEnd, RESOURCE_ATTRIBUTES, inner => {
      at.keyValue(inner)
      if (at.isNamed(RUN_KEY)) run = runParts(at.stringValue())
    }),
  )
  at.position = start
  return run
}

const encoder = new TextEncoder()
const RUN_KEY = encoder.encode(RUN_ATTRIBUTE)
const SEQUENCE_KEY = encoder.encode(SEQUENCE_ATTRIBUTE)
