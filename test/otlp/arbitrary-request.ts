import fc, { type Arbitrary } from 'fast-check'
import { REQUESTS } from '../../src/otlp/messages.ts'
import type { Signal } from '../../src/otlp/signal.ts'
import { type Field, fieldsOf } from '../../src/otlp/transcode/fields.ts'

/** Of each group a message has one member at most. */
const ONE_OF: readonly (readonly string[])[] = [
  ['stringValue', 'boolValue', 'intValue', 'doubleValue', 'arrayValue', 'kvlistValue', 'bytesValue'],
  ['asDouble', 'asInt'],
  ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'],
]

const whole = (min: bigint, max: bigint) => fc.bigInt({ min, max }).map(String)
const digits = (bytes: number) =>
  fc
    .uint8Array({ minLength: bytes, maxLength: bytes })
    .map(found => Array.from(found, byte => byte.toString(16).padStart(2, '0')).join(''))

// A double of -0 is 0 to a collector, which leaves it out.
const double = fc.double().map(value => (Number.isFinite(value) ? value + 0 : String(value)))

const scalar = ({ kind, name, names }: Field): Arbitrary<unknown> => {
  switch (kind) {
    case 'id':
      return digits(/trace/i.test(name) ? 16 : 8)
    case 'bytes':
      return fc.uint8Array({ maxLength: 9 }).map(bytes => Buffer.from(bytes).toString('base64'))
    case 'string':
      return fc.string({ unit: 'grapheme', maxLength: 60 })
    case 'bool':
      return fc.boolean()
    case 'double':
      return double
    case 'fixed64':
    case 'uint64':
      return whole(0n, 2n ** 64n - 1n)
    case 'sfixed64':
    case 'int64':
      return whole(-(2n ** 63n), 2n ** 63n - 1n)
    case 'sint32':
      return fc.integer()
    case 'enum':
      return fc.integer({ min: 0, max: (names?.size ?? 1) - 1 })
    default:
      return fc.integer({ min: 0, max: 2 ** 32 - 1 })
  }
}

type Message = Arbitrary<Record<string, unknown>>

const known: Map<Field['message'], Message>[] = []

/** Built once for each kind and depth: attributes hold attributes. */
function message(type: Field['message'], depth: number): Message {
  known[depth] ??= new Map()
  const found = known[depth].get(type) ?? newMessage(type, depth)
  known[depth].set(type, found)
  return found
}

function newMessage(type: Field['message'], depth: number): Message {
  const fields = (type?.all ?? []).filter(field => !(field.message && depth > 8))
  const members = Object.fromEntries(
    fields.map(field => {
      const one = field.message ? message(field.message, depth + 1) : scalar(field)
      return [field.name, field.list ? fc.array(one, { minLength: 1, maxLength: depth < 3 ? 1 : 2 }) : one]
    }),
  )
  const names = Object.keys(members)
  const requiredKeys = names.filter(name => ['resource', 'scope', 'status', 'key', 'value'].includes(name))
  const all = fc.record(members, { requiredKeys })
  const group = ONE_OF.map(each => each.filter(name => names.includes(name))).find(each => each.length > 1)
  if (!group || names.includes('bucketCounts')) return all
  return fc
    .tuple(all, fc.constantFrom(...group))
    .map(([found, chosen]) =>
      Object.fromEntries(Object.entries(found).filter(([name]) => !group.includes(name) || name === chosen)),
    )
}

/** Any request of the signal, as OTLP/JSON. Every field of every message comes up. */
export const anyRequest = (signal: Signal): Arbitrary<Record<string, unknown>> => message(fieldsOf(REQUESTS[signal]), 0)

/** The same without what says nothing: numbers and texts that protobuf leaves out, and lists and messages without content. */
export function bare(value: unknown, name = ''): unknown {
  const kept = ONE_OF[0]?.includes(name) || ['asDouble', 'asInt', 'sum', 'min', 'max'].includes(name)
  if (Array.isArray(value)) return value.map(each => bare(each, name === 'values' ? 'arrayValue' : ''))
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, inner]) => [key, bare(inner, key)] as const)
    return Object.fromEntries(entries.filter(([, inner]) => inner !== undefined))
  }
  return !kept && name !== '' && [0, '', '0', false].includes(value as never) ? undefined : value
}
