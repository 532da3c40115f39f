import { MESSAGES, type Scalar } from '../messages.ts'
import { BackwardWriter } from './backward-writer.ts'
import { type Encoded, type Place, SEQUENCE_VARINT, Slot, type SlotKind } from './slot.ts'

type Fields = Readonly<Record<string, unknown>>

/** The request, shaped as OTLP/JSON, in protobuf. Keys that OTLP does not have are left out, as a JSON receiver ignores them. */
export function encodeProtobuf(type: string, request: Fields): Encoded {
  const writer = new BackwardWriter()
  const places: { readonly fromEnd: number; readonly slot: SlotKind; readonly form: Place['form'] }[] = []
  const mark = (slot: SlotKind, form: Place['form'], fromEnd: number) => places.push({ fromEnd, slot, form })
  writeMessage(type, request, writer, mark)
  const bytes = writer.bytes()
  return { bytes, places: places.reverse().map(({ fromEnd, slot, form }) => ({ at: bytes.length - fromEnd, slot, form })) }
}

type Mark = (slot: SlotKind, form: Place['form'], fromEnd: number) => void

function writeMessage(type: string, message: Fields, writer: BackwardWriter, mark: Mark): void {
  const known = MESSAGES.get(type)
  for (const [name, value] of Object.entries(message).reverse()) {
    const field = known?.get(name)
    if (!field || value === undefined || value === null) continue
    const [number, inner] = field
    if (Array.isArray(value)) writeList(number, inner, value, writer, mark)
    else writeField(number, inner, value, writer, mark)
  }
}

function writeList(number: number, type: string, values: readonly unknown[], writer: BackwardWriter, mark: Mark): void {
  // Numbers of a list are packed into one field.
  if (MESSAGES.has(type) || type === 'string') {
    for (const value of values.toReversed()) writeField(number, type, value, writer, mark)
    return
  }
  if (values.length === 0) return
  const end = writer.length
  for (const value of values.toReversed()) writeScalar(type as Scalar, value, writer)
  writer.lengthOf(end)
  writer.tag(number, 2)
}

function writeField(number: number, type: string, value: unknown, writer: BackwardWriter, mark: Mark): void {
  const end = writer.length
  if (value instanceof Slot) {
    const form = writeBlank(type as Scalar, value.of, writer)
    const before = value.of.kind === 'ordinal' ? new TextEncoder().encode(value.of.before) : new Uint8Array()
    mark(value.of, form, writer.length)
    writer.raw(before)
    if (form === 'text' || form === 'bytes') writer.lengthOf(end)
    writer.tag(number, form === 'varint' ? 0 : form === 'fixed64' ? 1 : 2)
    return
  }
  if (MESSAGES.has(type)) {
    writeMessage(type, value as Fields, writer, mark)
    writer.lengthOf(end)
    writer.tag(number, 2)
    return
  }
  writeScalar(type as Scalar, value, writer)
  const wire = WIRE_TYPES[type as Scalar]
  if (wire === 2) writer.lengthOf(end)
  writer.tag(number, wire)
}

const WIRE_TYPES: Readonly<Record<Scalar, number>> = {
  varint: 0,
  sint32: 0,
  bool: 0,
  double: 1,
  fixed64: 1,
  sfixed64: 1,
  string: 2,
  bytes: 2,
  id: 2,
  fixed32: 5,
}

function writeScalar(type: Scalar, value: unknown, writer: BackwardWriter): void {
  switch (type) {
    case 'string':
      writer.raw(new TextEncoder().encode(String(value)))
      break
    case 'bytes':
      writer.raw(Uint8Array.from(atob(String(value)), character => character.charCodeAt(0)))
      break
    case 'id':
      writer.raw(Uint8Array.from(String(value).match(/../g) ?? [], pair => Number.parseInt(pair, 16)))
      break
    case 'bool':
      writer.varint(value === true ? 1n : 0n)
      break
    case 'double':
      writer.double(Number(value))
      break
    case 'fixed64':
    case 'sfixed64':
      writer.fixed64(BigInt(value as string))
      break
    case 'fixed32':
      writer.fixed32(Number(value))
      break
    case 'varint':
      writer.varint(BigInt(value as string))
      break
    case 'sint32': {
      const number = BigInt(value as string)
      writer.varint(number < 0n ? -2n * number - 1n : 2n * number)
      break
    }
  }
}

/** A sequence number as a varint has bytes to spare: protobuf readers take up to ten, whatever the number. */
function writeBlank(type: Scalar, slot: SlotKind, writer: BackwardWriter): Place['form'] {
  switch (slot.kind) {
    case 'trace':
      writer.raw(new Uint8Array(16))
      return 'bytes'
    case 'span':
      writer.raw(new Uint8Array(8))
      return 'bytes'
    case 'ordinal':
      writer.raw(new TextEncoder().encode('0'.repeat(slot.digits) + slot.after))
      return 'text'
    case 'status':
      writer.varint(0n)
      return 'varint'
    case 'time':
      writer.fixed64(0n)
      return 'fixed64'
    case 'sequence':
      if (type === 'varint') writer.raw(new Uint8Array(SEQUENCE_VARINT))
      else writer.fixed64(0n)
      return type === 'varint' ? 'varint' : 'fixed64'
  }
}
