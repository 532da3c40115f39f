import { byService, itemAttributes, resource, sequenceAttribute, text } from './attributes.ts'
import type { Shape } from './shape.ts'
import { Slot } from './slot.ts'

const SCOPE = { name: 'failoverctl' }
const INTERNAL = 1
const SPAN_NS = 1_000_000
/** A child begins so much later than its parent, and ends so much earlier. */
const NESTING_NS = 1000

/** A request with `count` spans. `phase` is the place in its trace of the first one, from 0. */
export const traceRequest = (shape: Shape, run: string, count: number, phase: number) => ({
  resourceSpans: byService(shape, count, item => span(shape, item, phase)).map(({ item, own }) => ({
    resource: resource(shape, item, run),
    scopeSpans: [{ scope: SCOPE, spans: own }],
  })),
})

const time = (shiftNs: number) => new Slot({ kind: 'time', shiftNs })

function span(shape: Shape, item: number, phase: number) {
  const place = (phase + item) % shape.depth
  const nesting = Math.min(place * NESTING_NS, SPAN_NS / 2)
  return {
    ...ids(shape, item, phase),
    ...(place > 0 ? { parentSpanId: new Slot({ kind: 'span', item: item - 1 }) } : {}),
    name: place > 0 ? `failoverctl ${place}` : 'failoverctl',
    kind: INTERNAL,
    startTimeUnixNano: time(nesting),
    endTimeUnixNano: time(SPAN_NS - nesting),
    attributes: [sequenceAttribute(item), ...itemAttributes(shape, item)],
    ...(shape.events > 0 ? { events: events(shape, nesting) } : {}),
    ...(shape.links > 0 ? { links: links(shape, item, phase) } : {}),
    status: shape.errors > 0 ? { code: new Slot({ kind: 'status', item, errors: shape.errors }) } : {},
  }
}

function ids({ depth }: Shape, item: number, phase: number) {
  const place = (((phase + item) % depth) + depth) % depth
  return {
    traceId: new Slot({ kind: 'trace', item: item - place }),
    spanId: new Slot({ kind: 'span', item }),
  }
}

const events = ({ events }: Shape, startNs: number) =>
  Array.from({ length: events }, (_, index) => ({
    timeUnixNano: time(startNs + Math.floor(((index + 1) * (SPAN_NS - 2 * startNs)) / (events + 1))),
    name: `event ${index + 1}`,
    attributes: [text('event.domain', 'failoverctl')],
  }))

/** To the spans sent before it. */
const links = (shape: Shape, item: number, phase: number) =>
  Array.from({ length: shape.links }, (_, index) => ids(shape, item - index - 1, phase))
