import { MalformedPayload } from '../otlp/contents.ts'
import { each, ProtobufCursor } from '../otlp/protobuf-cursor.ts'
import type { Signal } from '../otlp/signal.ts'

// All three requests look alike down to the third level: resources (1) hold scopes (2), which hold the leaves (2). The fields
// of a leaf tell: number and wire type of each (opentelemetry-proto 1.x), 0 varint, 1 eight bytes, 2 length, 5 four bytes.
const RESOURCES = 1
const SCOPES = 2
const LEAVES = 2
type WireType = 0 | 1 | 2 | 5
const LEAF_FIELDS: Readonly<Record<Signal, ReadonlyMap<number, WireType>>> = {
  traces: new Map([
    [1, 2],
    [2, 2],
    [3, 2],
    [4, 2],
    [5, 2],
    [6, 0],
    [7, 1],
    [8, 1],
    [9, 2],
    [10, 0],
    [11, 2],
    [12, 0],
    [13, 2],
    [14, 0],
    [15, 2],
    [16, 5],
  ]),
  metrics: new Map([
    [1, 2],
    [2, 2],
    [3, 2],
    [5, 2],
    [7, 2],
    [9, 2],
    [10, 2],
    [11, 2],
    [12, 2],
  ]),
  logs: new Map([
    [1, 1],
    [2, 0],
    [3, 2],
    [5, 2],
    [6, 2],
    [7, 0],
    [8, 5],
    [9, 2],
    [10, 2],
    [11, 1],
    [12, 2],
  ]),
}
/** Lengths that identifiers must have. */
const ID_LENGTHS: Readonly<Record<Signal, ReadonlyMap<number, number>>> = {
  traces: new Map([
    [1, 16],
    [2, 8],
  ]),
  metrics: new Map(),
  logs: new Map([
    [9, 16],
    [10, 8],
  ]),
}
/** Metric.data: gauge, sum, histogram, exponential histogram, summary; in each, field 1 is a data point. */
const METRIC_DATA = new Set([5, 7, 9, 10, 11])

export interface Probe {
  /** What the message can be; several when its leaves say too little, none when it is not OTLP. */
  readonly signals: readonly Signal[]
  /** Spans, data points or log records, by what it may be. */
  readonly items: Readonly<Record<Signal, number>>
}

/** Reads as much of a request as tells its signal and counts its items. Throws MalformedPayload when it is no message. */
export function probeProtobuf(message: Uint8Array): Probe {
  const at = new ProtobufCursor(message)
  const possible = new Set<Signal>(['traces', 'metrics', 'logs'])
  const items = { traces: 0, metrics: 0, logs: 0 }
  each(at, message.length, RESOURCES, resourceEnd =>
    each(at, resourceEnd, SCOPES, scopeEnd =>
      each(at, scopeEnd, LEAVES, leafEnd => {
        items.traces++
        items.logs++
        items.metrics += readLeaf(at, leafEnd, possible)
      }),
    ),
  )
  return { signals: [...possible], items }
}

/** Takes from `possible` what the leaf cannot be; answers with its data points, if it is a metric. */
function readLeaf(at: ProtobufCursor, end: number, possible: Set<Signal>): number {
  let points = 0
  while (at.position < end) {
    const tag = at.varint(end)
    const [field, type] = [Math.floor(tag / 8), tag % 8]
    const start = at.position
    at.skip(tag, end)
    const length = type === 2 ? lengthOf(at, start) : undefined
    for (const signal of possible) {
      const expected = LEAF_FIELDS[signal].get(field)
      // A field that a later release added is no sign of anything.
      if (expected === undefined ? field < 12 : expected !== type) possible.delete(signal)
      const idLength = ID_LENGTHS[signal].get(field)
      if (idLength !== undefined && length !== idLength && length !== 0) possible.delete(signal)
    }
    if (type === 2 && METRIC_DATA.has(field) && possible.has('metrics')) {
      const found = countPoints(at, start)
      if (found === undefined) possible.delete('metrics')
      else points += found
    }
  }
  return points
}

const lengthOf = (at: ProtobufCursor, start: number): number => {
  const end = at.position
  at.position = start
  const length = at.varint(end)
  at.position = end
  return length
}

/** Undefined when this is no metric's data. */
function countPoints(at: ProtobufCursor, start: number): number | undefined {
  const end = at.position
  at.position = start
  at.varint(end)
  let points = 0
  try {
    each(at, end, 1, inner => {
      points++
      while (at.position < inner) at.skip(at.varint(inner), inner)
    })
    return points
  } catch (error) {
    if (error instanceof MalformedPayload) return undefined
    throw error
  } finally {
    at.position = end
  }
}
