import type { Fields } from '../../otlp/json.ts'
import type { Item } from '../transform/items.ts'

export type Plain = string | number | boolean
/** What a field says of an item. Several: an attribute that is a list, of which one must fit. */
export type Values = readonly Plain[]
export type Read = (item: Item) => Values

export interface Field {
  readonly read: Read
  /** The names that its values have, in rising order, with the numbers that each stands for. */
  readonly names?: ReadonlyMap<string, readonly [low: number, high: number]>
  /** Its values are milliseconds, and are compared with durations. */
  readonly isDuration?: boolean
}

const NONE: Values = []
const one = (value: unknown): Values =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? [value] : NONE

const named = (names: readonly string[], width = 1, first = 0) =>
  new Map(names.map((name, index) => [name, [first + index * width, first + index * width + width - 1] as const]))

/** A level covers four numbers: WARN is WARN to WARN4. */
const SEVERITIES = named(['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'], 4, 1)
const STATUSES = named(['UNSET', 'OK', 'ERROR'])
const KINDS = named(['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'])

/** What is not an attribute. */
export const FIELDS: ReadonlyMap<string, Field> = new Map<string, Field>([
  ['signal', { read: ({ signal }) => [signal] }],
  ['name', { read: ({ signal, leaf }) => one(signal === 'logs' ? leaf.eventName : leaf.name) }],
  ['body', { read: ({ signal, leaf }) => (signal === 'logs' ? valuesOf(leaf.body) : NONE) }],
  ['severity', { read: severity, names: SEVERITIES }],
  [
    'status',
    {
      read: ({ signal, leaf }) =>
        signal === 'traces' ? [numberOf((leaf.status as Fields)?.code, 'STATUS_CODE_', STATUSES)] : NONE,
      names: STATUSES,
    },
  ],
  ['status.message', { read: ({ signal, leaf }) => (signal === 'traces' ? one((leaf.status as Fields)?.message) : NONE) }],
  [
    'kind',
    { read: ({ signal, leaf }) => (signal === 'traces' ? [numberOf(leaf.kind, 'SPAN_KIND_', KINDS)] : NONE), names: KINDS },
  ],
  ['duration', { read: duration, isDuration: true }],
  ['trace_id', { read: ({ leaf }) => one(leaf.traceId) }],
  ['span_id', { read: ({ leaf }) => one(leaf.spanId) }],
  ['parent_span_id', { read: ({ leaf }) => (leaf.parentSpanId === '' ? NONE : one(leaf.parentSpanId)) }],
  ['scope.name', { read: ({ scope }) => one(scope.name) }],
  ['scope.version', { read: ({ scope }) => one(scope.version) }],
])

/** Where an attribute is looked for: in one place, or from the inside out. */
export const ATTRIBUTES: ReadonlyMap<string, (name: string) => Read> = new Map([
  [
    'attributes',
    name =>
      ({ point }) =>
        attribute(point, name),
  ],
  [
    'scope',
    name =>
      ({ scope }) =>
        attribute(scope, name),
  ],
  [
    'resource',
    name =>
      ({ resource }) =>
        attribute(resource, name),
  ],
])

export const anyAttribute =
  (name: string): Read =>
  ({ point, scope, resource }) => {
    const own = attribute(point, name)
    if (own.length > 0) return own
    const ofScope = attribute(scope, name)
    return ofScope.length > 0 ? ofScope : attribute(resource, name)
  }

function attribute(inside: Fields, name: string): Values {
  const { attributes } = inside
  if (!Array.isArray(attributes)) return NONE
  for (const pair of attributes) if (pair?.key === name) return valuesOf(pair.value)
  return NONE
}

function valuesOf(value: unknown): Values {
  if (typeof value !== 'object' || value === null) return NONE
  const { stringValue, intValue, doubleValue, boolValue, bytesValue, arrayValue } = value as Fields
  if (intValue !== undefined) return [Number(intValue)]
  if (arrayValue !== undefined) {
    const { values } = (arrayValue ?? {}) as Fields
    return Array.isArray(values) ? values.flatMap(valuesOf) : NONE
  }
  return one(stringValue ?? doubleValue ?? boolValue ?? bytesValue)
}

/** JSON of other exporters names its enums. */
function numberOf(value: unknown, prefix: string, names: NonNullable<Field['names']>): number {
  return typeof value === 'string' ? (names.get(value.replace(prefix, ''))?.[0] ?? (Number(value) || 0)) : Number(value ?? 0)
}

function severity({ signal, leaf }: Item): Values {
  if (signal !== 'logs') return NONE
  const number = numberOf(leaf.severityNumber, 'SEVERITY_NUMBER_', SEVERITIES)
  if (number > 0) return [number]
  const said = SEVERITIES.get(String(leaf.severityText ?? '').toUpperCase())
  return said ? [said[0]] : NONE
}

function duration({ signal, leaf }: Item): Values {
  const [start, end] = [leaf.startTimeUnixNano, leaf.endTimeUnixNano]
  if (signal !== 'traces' || !/^\d+$/.test(String(start)) || !/^\d+$/.test(String(end))) return NONE
  return [Number(BigInt(String(end)) - BigInt(String(start))) / 1e6]
}
