import { MalformedPayload } from '../contents.ts'
import { DEEPEST, type Field, type Fields, fieldsOf } from './fields.ts'
import { type Int64, readInt64 } from './int64.ts'
import { ProtobufWriter } from './protobuf-writer.ts'

type Values = Readonly<Record<string, unknown>>

const decoder = new TextDecoder('utf-8', { fatal: true })

/** Where in a body something begins and ends. */
export type Part = readonly [from: number, to: number]

/**
 * An OTLP/JSON message in protobuf. What OTLP does not know is left out, as a JSON receiver ignores it. For a request that was joined
 * of several, `resources` are where the resources of each one lie: parsed one by one they leave little for the garbage collector.
 */
export function jsonToProtobuf(type: string, body: Uint8Array, resources?: readonly Part[]): Uint8Array {
  const writer = new ProtobufWriter(roomFor(body.length))
  const fields = fieldsOf(type)
  const list = fields.byNumber[1]
  if (!resources || !list) writeMessage(fields, object(parseExactly(body), 'the request'), writer, 0)
  else
    for (const [from, to] of resources.toReversed()) writeList(list, parseExactly(body.subarray(from, to), '[', ']'), writer, 0)
  return writer.finish().slice()
}

/** What most requests need, written into again and again: fresh memory for each would lie about until the garbage is collected. */
const COMMON_BYTES = 2 * 1024 * 1024
let room: Uint8Array | undefined

function roomFor(bytes: number): Uint8Array | number {
  if (bytes > COMMON_BYTES) return bytes
  room ??= new Uint8Array(COMMON_BYTES)
  return room
}

/** JSON in which no number of 64 bits is rounded: such numbers become text. Throws MalformedPayload. */
export function parseExactly(body: Uint8Array, before = '', after = ''): unknown {
  try {
    return JSON.parse(withWideNumbersAsText(before + decoder.decode(body) + after))
  } catch {
    throw new MalformedPayload('the body is not JSON')
  }
}

/** Times that stand in JSON as numbers have 19 digits, and a double holds 15. */
function withWideNumbersAsText(text: string): string {
  if (!/[[:,]\s*-?\d{16}/.test(text)) return text
  let inText = false
  // Numbers as a whole, so that no digits inside one are taken for another.
  return text.replace(/"|\\.|-?\d[\d.eE+-]*/g, token => {
    if (token === '"') inText = !inText
    return !inText && /^-?\d{16,}$/.test(token) ? `"${token}"` : token
  })
}

function object(value: unknown, name: string): Values {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Values
  throw new MalformedPayload(`${name} must be an object`)
}

/** Writes what `writer.special` does not take to itself. Throws MalformedPayload for a value that its field cannot hold. */
export function writeMessage({ all }: Fields, message: Values, writer: ProtobufWriter, depth: number): void {
  if (depth > DEEPEST) throw new MalformedPayload('nested too deeply')
  for (let index = all.length - 1; index >= 0; index--) {
    const field = all[index] as Field
    const value = message[field.name] ?? (field.snake === field.name ? undefined : message[field.snake])
    if (value === undefined || value === null) continue
    if (field.list) writeList(field, value, writer, depth)
    else writeField(field, value, writer, depth)
  }
}

function writeList(field: Field, values: unknown, writer: ProtobufWriter, depth: number): void {
  if (!Array.isArray(values)) throw new MalformedPayload(`${field.name} must be a list`)
  if (field.kind === 'message' || field.kind === 'string') {
    for (let index = values.length - 1; index >= 0; index--) writeField(field, values[index], writer, depth)
  } else if (values.length > 0) {
    const before = writer.length
    for (let index = values.length - 1; index >= 0; index--) writeNumber(field, values[index], writer)
    writer.close(before, field.number)
  }
}

function writeField(field: Field, value: unknown, writer: ProtobufWriter, depth: number): void {
  const before = writer.length
  if (writer.special?.(field, value)) return
  if (writeContent(field, value, writer, depth)) writer.close(before, field.number)
  else writer.tag(field.number, writeNumber(field, value, writer))
}

/** False, and nothing written, for a number: it has no length. */
function writeContent(field: Field, value: unknown, writer: ProtobufWriter, depth: number): boolean {
  if (field.message) writeMessage(field.message, object(value, field.name), writer, depth + 1)
  else if (field.kind === 'string') writer.string(text(value, field))
  else if (field.kind === 'id') writer.raw(hex(text(value, field), field))
  else if (field.kind === 'bytes') writer.raw(base64(text(value, field), field))
  else return false
  return true
}

const wide: Int64 = { high: 0, low: 0 }

/** Answers with the wire type. */
function writeNumber(field: Field, value: unknown, writer: ProtobufWriter): number {
  switch (field.kind) {
    case 'fixed64':
    case 'sfixed64':
      readInt64(value, field.kind === 'sfixed64', wide)
      writer.fixed64(wide)
      return 1
    case 'int64':
    case 'uint64':
      readInt64(value, field.kind === 'int64', wide)
      writer.varint64(wide)
      return 0
    case 'double':
      writer.double(double(value, field))
      return 1
    case 'fixed32':
      writer.fixed32(inside(value, 0, 2 ** 32 - 1, field))
      return 5
    case 'bool':
      if (typeof value !== 'boolean') throw new MalformedPayload(`${field.name} must be true or false`)
      writer.varint(value ? 1 : 0)
      return 0
    case 'sint32': {
      const number = inside(value, -(2 ** 31), 2 ** 31 - 1, field)
      writer.varint(number < 0 ? -2 * number - 1 : 2 * number)
      return 0
    }
    case 'enum':
      writer.varint(inside(typeof value === 'string' ? (field.names?.get(value) ?? value) : value, 0, 2 ** 31 - 1, field))
      return 0
    default:
      writer.varint(inside(value, 0, 2 ** 32 - 1, field))
      return 0
  }
}

function text(value: unknown, { name }: Field): string {
  if (typeof value === 'string') return value
  throw new MalformedPayload(`${name} must be text`)
}

/** A number, or its digits as text. */
function inside(value: unknown, least: number, most: number, { name }: Field): number {
  const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value
  if (Number.isInteger(number) && (number as number) >= least && (number as number) <= most) return number as number
  throw new MalformedPayload(`${name} must be a whole number from ${least} to ${most}`)
}

const NUMERIC = /^-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/
const SPECIAL: ReadonlyMap<string, number> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
])

function double(value: unknown, { name }: Field): number {
  if (typeof value === 'number') return value
  const number = typeof value !== 'string' ? undefined : NUMERIC.test(value) ? Number(value) : SPECIAL.get(value)
  if (number !== undefined) return number
  throw new MalformedPayload(`${name} must be a number`)
}

const HEX = new Int8Array(128).fill(-1)
for (const [index, digit] of [...'0123456789abcdef'].entries()) HEX[digit.charCodeAt(0)] = index
for (const [index, digit] of [...'ABCDEF'].entries()) HEX[digit.charCodeAt(0)] = 10 + index

function hex(value: string, { name }: Field): Uint8Array {
  const bytes = new Uint8Array(value.length >> 1)
  for (let index = 0; index < bytes.length; index++) {
    const [high, low] = [HEX[value.charCodeAt(index * 2)] ?? -1, HEX[value.charCodeAt(index * 2 + 1)] ?? -1]
    if (high < 0 || low < 0) throw new MalformedPayload(`${name} must be hexadecimal`)
    bytes[index] = high * 16 + low
  }
  if (value.length % 2 === 0) return bytes
  throw new MalformedPayload(`${name} must be hexadecimal`)
}

function base64(value: string, { name }: Field): Uint8Array {
  try {
    return Uint8Array.from(atob(value), character => character.charCodeAt(0))
  } catch {
    throw new MalformedPayload(`${name} must be base64`)
  }
}
