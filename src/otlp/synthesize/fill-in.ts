import { RUN_ATTRIBUTE, SEQUENCE_ATTRIBUTE } from '../identity.ts'
import { FIELDS, type Fields, list, METRIC_KINDS, object } from '../json.ts'
import type { Signal } from '../signal.ts'
import { runAttribute, sequenceAttribute } from './attributes.ts'
import { Slot } from './slot.ts'

/** A request of somebody's, with slots for its ids, times and sequence numbers. */
export interface FilledIn {
  readonly tree: Fields
  /** Spans, data points or log records. */
  readonly items: number
}

export interface Wanted {
  readonly run: string
  /** Where cumulative metrics begin. */
  readonly startedAtMs: number
}

/**
 * Puts slots in the place of every id, time and sequence number of an OTLP/JSON request. Spans keep their trees and links, as far
 * as both ends are in the request, and times their distances: the latest of them becomes the time of sending.
 * `firstItem` is the place of its first item in the request that it becomes a part of. Throws MalformedPayload when it is none of that signal.
 */
export function fillIn(signal: Signal, request: Fields, wanted: Wanted, firstItem = 0): FilledIn {
  const [resources, scopes, leaves] = FIELDS[signal]
  const filler = new Filler(wanted, latestTime(request), firstItem)
  const visit = { traces: filler.span, metrics: filler.metric, logs: filler.logRecord }[signal].bind(filler)
  if (signal !== 'metrics') {
    filler.know(list(request, resources).flatMap(resource => list(resource, scopes).flatMap(scope => list(scope, leaves))))
  }
  const tree = mapList(request, resources, resource =>
    mapList(resource, scopes, scope => mapList(scope, leaves, leaf => visit(leaf))),
  )
  return { tree, items: filler.nextItem - firstItem }
}

const mapList = (inside: Fields, key: string, change: (entry: Fields) => Fields): Fields => ({
  ...inside,
  [key]: list(inside, key).map(change),
})

class Filler {
  nextItem: number
  #wanted: Wanted
  #latest: bigint
  /** By its id, the first item of a trace, and the item that is a span. */
  #traces = new Map<string, number>()
  #spans = new Map<string, number>()

  constructor(wanted: Wanted, latest: bigint, firstItem: number) {
    this.#wanted = wanted
    this.#latest = latest
    this.nextItem = firstItem
  }

  know(leaves: readonly Fields[]): void {
    for (const [index, { traceId, spanId }] of leaves.entries()) {
      const item = this.nextItem + index
      if (isId(traceId) && !this.#traces.has(traceId.toLowerCase())) this.#traces.set(traceId.toLowerCase(), item)
      if (isId(spanId)) this.#spans.set(spanId.toLowerCase(), item)
    }
  }

  span(span: Fields): Fields {
    const item = this.nextItem++
    const { startTimeUnixNano, endTimeUnixNano, parentSpanId } = span
    return {
      ...span,
      ...this.#ids(span, item),
      ...(isId(parentSpanId) ? { parentSpanId: this.#spanId(parentSpanId) } : {}),
      startTimeUnixNano: this.#time(startTimeUnixNano),
      endTimeUnixNano: this.#time(endTimeUnixNano),
      attributes: this.#attributes(span, item),
      ...(span.events
        ? { events: list(span, 'events').map(event => ({ ...event, timeUnixNano: this.#time(event.timeUnixNano) })) }
        : {}),
      ...(span.links ? { links: list(span, 'links').map(link => this.#link(link)) } : {}),
    }
  }

  metric(metric: Fields): Fields {
    const kind = METRIC_KINDS.find(name => metric[name])
    return kind ? { ...metric, [kind]: mapList(object(metric[kind]), 'dataPoints', point => this.#point(point)) } : metric
  }

  logRecord(record: Fields): Fields {
    const item = this.nextItem++
    const hasIds = isId(record.traceId) && isId(record.spanId)
    return {
      ...record,
      ...(hasIds ? this.#ids(record, item) : {}),
      timeUnixNano: this.#time(record.timeUnixNano),
      observedTimeUnixNano: this.#time(record.observedTimeUnixNano),
      attributes: this.#attributes(record, item),
    }
  }

  #point(point: Fields): Fields {
    return {
      ...point,
      // Cumulative data has a beginning that stays.
      startTimeUnixNano: `${Math.floor(this.#wanted.startedAtMs)}000000`,
      timeUnixNano: this.#time(point.timeUnixNano),
      attributes: this.#attributes(point, this.nextItem++),
    }
  }

  #ids({ traceId }: Fields, item: number): Fields {
    const first = isId(traceId) ? this.#traces.get(traceId.toLowerCase()) : undefined
    return { traceId: new Slot({ kind: 'trace', item: first ?? item }), spanId: new Slot({ kind: 'span', item }) }
  }

  #spanId(id: string): Slot | string {
    const item = this.#spans.get(id.toLowerCase())
    return item === undefined ? id : new Slot({ kind: 'span', item })
  }

  // A link to what is not in the request leads there still.
  #link(link: Fields): Fields {
    const { traceId, spanId } = link
    const first = isId(traceId) ? this.#traces.get(traceId.toLowerCase()) : undefined
    if (first === undefined || !isId(spanId)) return link
    return { ...link, traceId: new Slot({ kind: 'trace', item: first }), spanId: this.#spanId(spanId) }
  }

  #time(nanos: unknown): Slot {
    const before = isNumber(nanos) ? Number(BigInt(nanos) - this.#latest) : 0
    return new Slot({ kind: 'time', shiftNs: before })
  }

  #attributes(item: Fields, number: number): readonly object[] {
    const own = list(item, 'attributes').filter(({ key }) => key !== RUN_ATTRIBUTE && key !== SEQUENCE_ATTRIBUTE)
    return [...own, runAttribute(this.#wanted.run), sequenceAttribute(number)]
  }
}

const isId = (id: unknown): id is string => typeof id === 'string' && /^(?:[\da-f]{2})+$/i.test(id) && !/^0+$/.test(id)

const isNumber = (nanos: unknown): nanos is string | number =>
  typeof nanos === 'string' ? /^[1-9]\d{0,19}$/.test(nanos) : Number.isInteger(nanos) && Number(nanos) > 0

/** The latest time anywhere in the request; 0 when it has none. */
function latestTime(value: unknown, key = ''): bigint {
  if (typeof value !== 'object' || value === null) {
    return /imeUnixNano$/.test(key) && isNumber(value) ? BigInt(value) : 0n
  }
  let latest = 0n
  for (const [name, inner] of Object.entries(value)) {
    const time = latestTime(inner, name)
    if (time > latest) latest = time
  }
  return latest
}
