import { MalformedPayload } from './contents.ts'
import { RUN_ATTRIBUTE, SEQUENCE_ATTRIBUTE } from './identity.ts'
import { type Items, runParts } from './items.ts'
import { FIELDS, type Fields, list, METRIC_KINDS, object, parseRequest } from './json.ts'
import type { Signal } from './signal.ts'

/** Adds every item of a JSON request of any shape. Throws MalformedPayload, perhaps after some, when it is none. */
export function parseItems(signal: Signal, body: Uint8Array, items: Items): void {
  const [resources, scopes, leaves] = FIELDS[signal]
  for (const resource of list(parseRequest(body), resources)) {
    const run = resource.resource ? attribute(object(resource.resource), RUN_ATTRIBUTE, 'stringValue') : undefined
    for (const scope of list(resource, scopes)) for (const leaf of list(scope, leaves)) add(signal, leaf, run, items)
  }
}

function add(signal: Signal, leaf: Fields, run: unknown, items: Items): void {
  if (signal === 'traces') addSpan(leaf, items)
  else if (signal === 'logs') addAttributed(leaf, run, items)
  else {
    for (const kind of METRIC_KINDS) {
      if (!leaf[kind]) continue
      for (const point of list(object(leaf[kind]), 'dataPoints')) addAttributed(point, run, items)
    }
  }
}

function addSpan(span: Fields, items: Items): void {
  const [trace, id] = [hexId(span, 'traceId', 32), hexId(span, 'spanId', 16)]
  if (trace === '' || id === '') {
    items.add(0, 0, 0)
    return
  }
  const part = (text: string, index: number) => Number.parseInt(text.slice(index * 8, index * 8 + 8), 16)
  items.addSpan(part(trace, 0), part(trace, 1), part(trace, 2), part(trace, 3), part(id, 0), part(id, 1))
}

// An id that is left out is an id of zeros, as in protobuf; the collector takes such spans, and no id of another length (core 0.161, measured).
function hexId(span: Fields, key: string, digits: number): string {
  const text = Object.hasOwn(span, key) ? span[key] : ''
  if (typeof text !== 'string' || !/^[0-9a-f]*$/i.test(text) || (text !== '' && text.length !== digits))
    throw new MalformedPayload(`${key} must be ${digits} hexadecimal digits`)
  return text
}

function addAttributed(item: Fields, resourceRun: unknown, items: Items): void {
  const [high, low] = runParts(String(attribute(item, RUN_ATTRIBUTE, 'stringValue') ?? resourceRun))
  items.add(high, low, Number(attribute(item, SEQUENCE_ATTRIBUTE, 'intValue') ?? 0) || 0)
}

/** The last attribute of this name and kind of value. */
const attribute = (of: Fields, key: string, kind: 'stringValue' | 'intValue'): unknown =>
  list(of, 'attributes')
    .flatMap(entry => (entry.key === key && entry.value ? (object(entry.value)[kind] ?? []) : []))
    .at(-1)
