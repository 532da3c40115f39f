import { MESSAGES } from '../messages.ts'

/** A field as both encodings have it. */
export interface Field {
  readonly name: string
  /** As proto files spell it; JSON may, too. */
  readonly snake: string
  readonly number: number
  readonly kind: Kind
  readonly list: boolean
  /** The fields of a message in it, by number. */
  readonly message: Fields | undefined
  /** The numbers of an enum's names. */
  readonly names: ReadonlyMap<string, number> | undefined
}

export interface Fields {
  readonly all: readonly Field[]
  /** By field number; holes where there is none. */
  readonly byNumber: readonly (Field | undefined)[]
}

export type Kind =
  | 'message'
  | 'string'
  | 'bytes'
  | 'id'
  | 'bool'
  | 'double'
  | 'fixed64'
  | 'sfixed64'
  | 'fixed32'
  | 'int64'
  | 'uint64'
  | 'uint32'
  | 'sint32'
  | 'enum'

const LISTS = new Set(
  [
    [
      'resourceSpans',
      'scopeSpans',
      'spans',
      'resourceMetrics',
      'scopeMetrics',
      'metrics',
      'resourceLogs',
      'scopeLogs',
      'logRecords',
    ],
    ['attributes', 'filteredAttributes', 'metadata', 'values', 'entityRefs', 'idKeys', 'descriptionKeys', 'events', 'links'],
    ['dataPoints', 'exemplars', 'bucketCounts', 'explicitBounds', 'quantileValues'],
  ].flat(),
)

/** Numbers that protobuf packs as varints and JSON writes as text, because they have 64 bits. */
const WIDE: ReadonlyMap<string, Kind> = new Map([
  ['intValue', 'int64'],
  ['bucketCounts', 'uint64'],
])

const enumOf = (prefix: string, names: string): ReadonlyMap<string, number> =>
  new Map(names.split(' ').map((name, number) => [`${prefix}_${name}`, number]))

/** Enums of opentelemetry-proto 1.x; their numbers have no gaps. */
const ENUMS: ReadonlyMap<string, ReadonlyMap<string, number>> = new Map([
  ['kind', enumOf('SPAN_KIND', 'UNSPECIFIED INTERNAL SERVER CLIENT PRODUCER CONSUMER')],
  ['code', enumOf('STATUS_CODE', 'UNSET OK ERROR')],
  ['aggregationTemporality', enumOf('AGGREGATION_TEMPORALITY', 'UNSPECIFIED DELTA CUMULATIVE')],
  [
    'severityNumber',
    enumOf(
      'SEVERITY_NUMBER',
      `UNSPECIFIED ${['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'].flatMap(name => [name, ...[2, 3, 4].map(n => name + n)]).join(' ')}`,
    ),
  ],
])

const known = new Map<string, { all: Field[]; byNumber: (Field | undefined)[] }>()

/** The fields of a message of `messages.ts`. */
export function fieldsOf(type: string): Fields {
  const found = known.get(type)
  if (found) return found
  // Known before it is complete: an attribute's value holds attributes.
  const fields = { all: [] as Field[], byNumber: [] as (Field | undefined)[] }
  known.set(type, fields)
  for (const [name, [number, inner]] of MESSAGES.get(type) ?? []) {
    const field = fieldOf(name, number, inner)
    fields.all.push(field)
    fields.byNumber[number] = field
  }
  fields.all.sort((a, b) => a.number - b.number)
  return fields
}

function fieldOf(name: string, number: number, type: string): Field {
  const names = ENUMS.get(name)
  const varint = names ? 'enum' : (WIDE.get(name) ?? 'uint32')
  const isMessage = MESSAGES.has(type)
  return {
    name,
    snake: name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`),
    number,
    kind: isMessage ? 'message' : type === 'varint' ? varint : (type as Kind),
    list: LISTS.has(name),
    message: isMessage ? fieldsOf(type) : undefined,
    names: type === 'varint' ? names : undefined,
  }
}

/** Deeper than any telemetry, and less than what recursion can take. */
export const DEEPEST = 500
