import { RUN_ATTRIBUTE, SEQUENCE_ATTRIBUTE } from './identity.ts'
import type { Items } from './items.ts'
import { FIELDS, METRIC_KINDS } from './json.ts'
import { JsonCursor, UnusualJson } from './json-cursor.ts'
import { parseItems } from './parse-items.ts'
import type { Signal } from './signal.ts'

/**
 * Adds every item of the request, by its brackets and keys where the text is shaped as exporters write it, and by parsing
 * it where it is not. Throws MalformedPayload, perhaps after some, when it is no request.
 */
export function scanJson(signal: Signal, body: Uint8Array, items: Items): void {
  const before = items.length
  try {
    scanRequest(signal, new JsonCursor(body), items)
  } catch (error) {
    if (!(error instanceof UnusualJson)) throw error
    items.length = before
    parseItems(signal, body, items)
  }
}

type Run = readonly [high: number, low: number]
const NO_RUN: Run = [0, 0]

type Leaf = (at: JsonCursor, run: Run, items: Items) => void

const LEAF: Readonly<Record<Signal, Leaf>> = { traces: scanSpan, metrics: scanMetric, logs: scanAttributed }

const encoder = new TextEncoder()
const KEYS = Object.fromEntries(
  Object.entries(FIELDS).map(([signal, names]) => [signal, names.map(name => encoder.encode(name))]),
) as Record<Signal, [Uint8Array, Uint8Array, Uint8Array]>

function scanRequest(signal: Signal, at: JsonCursor, items: Items): void {
  const [resources, scopes, leaves] = KEYS[signal]
  const leaf = LEAF[signal]
  member(at, resources, () =>
    at.list(() => {
      const run = signal === 'traces' ? NO_RUN : resourceRun(at)
      member(at, scopes, () => at.list(() => member(at, leaves, () => at.list(() => leaf(at, run, items)))))
    }),
  )
  at.end()
}

/** Visits one member of the object here and moves over the others. */
function member(at: JsonCursor, key: Uint8Array, visit: () => void): void {
  at.object((keyAt, length) => (at.is(key, keyAt, length) ? visit() : at.skip()))
}

function scanSpan(at: JsonCursor, _run: Run, items: Items): void {
  let [trace, span] = [-1, -1]
  at.object((keyAt, length) => {
    if (at.is(TRACE_ID, keyAt, length)) trace = id(at, 32)
    else if (at.is(SPAN_ID, keyAt, length)) span = id(at, 16)
    else at.skip()
  })
  if (trace < 0 || span < 0) throw new UnusualJson()
  items.addSpan(at.hex(trace), at.hex(trace + 8), at.hex(trace + 16), at.hex(trace + 24), at.hex(span), at.hex(span + 8))
}

function id(at: JsonCursor, digits: number): number {
  const start = at.text()
  if (at.position - 1 - start !== digits) throw new UnusualJson()
  return start
}

function scanMetric(at: JsonCursor, run: Run, items: Items): void {
  at.object((keyAt, length) => {
    if (METRIC_KEYS.some(key => at.is(key, keyAt, length)))
      member(at, DATA_POINTS, () => at.list(() => scanAttributed(at, run, items)))
    else at.skip()
  })
}

/** An item whose run and number are attributes; its own run counts before its resource's. */
function scanAttributed(at: JsonCursor, resourceRun: Run, items: Items): void {
  let run = resourceRun
  let sequence = 0
  member(at, ATTRIBUTES, () =>
    at.list(() =>
      keyValue(at, {
        integer: value => {
          sequence = value
        },
        run: value => {
          run = value
        },
      }),
    ),
  )
  items.add(run[0], run[1], sequence)
}

/** The run that a resource's attributes name. Leaves the cursor where it was. */
function resourceRun(at: JsonCursor): Run {
  const start = at.position
  let run = NO_RUN
  member(at, RESOURCE, () =>
    member(at, ATTRIBUTES, () =>
      at.list(() =>
        keyValue(at, {
          integer: () => {},
          run: value => {
            run = value
          },
        }),
      ),
    ),
  )
  at.position = start
  return run
}

interface Found {
  readonly integer: (sequence: number) => void
  readonly run: (run: Run) => void
}

/** One attribute: the two that matter are read, any other is moved over. Its key comes first, as every exporter writes it. */
function keyValue(at: JsonCursor, found: Found): void {
  let wanted: 'sequence' | 'run' | 'other' | undefined
  at.object((keyAt, length) => {
    if (at.is(KEY, keyAt, length)) {
      const start = at.text()
      const size = at.position - 1 - start
      wanted = at.is(SEQUENCE_KEY, start, size) ? 'sequence' : at.is(RUN_KEY, start, size) ? 'run' : 'other'
    } else if (wanted === undefined) throw new UnusualJson()
    else if (wanted === 'sequence') member(at, INT_VALUE, () => found.integer(at.integer()))
    else if (wanted === 'run') member(at, STRING_VALUE, () => found.run(runHere(at)))
    else at.skip()
  })
}

function runHere(at: JsonCursor): Run {
  const start = id(at, 16)
  return [at.hex(start), at.hex(start + 8)]
}

const bytes = (text: string): Uint8Array => encoder.encode(text)
const TRACE_ID = bytes('traceId')
const SPAN_ID = bytes('spanId')
const DATA_POINTS = bytes('dataPoints')
const ATTRIBUTES = bytes('attributes')
const RESOURCE = bytes('resource')
const KEY = bytes('key')
const INT_VALUE = bytes('intValue')
const STRING_VALUE = bytes('stringValue')
const RUN_KEY = bytes(RUN_ATTRIBUTE)
const SEQUENCE_KEY = bytes(SEQUENCE_ATTRIBUTE)
const METRIC_KEYS = METRIC_KINDS.map(bytes)
