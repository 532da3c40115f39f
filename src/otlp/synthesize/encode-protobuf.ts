import type { Fields } from '../json.ts'
import { type Field, fieldsOf } from '../transcode/fields.ts'
import { ProtobufWriter } from '../transcode/protobuf-writer.ts'
import { writeMessage } from '../transcode/to-protobuf.ts'
import { type Encoded, type Place, SEQUENCE_VARINT, Slot, type SlotKind } from './slot.ts'

const encoder = new TextEncoder()
const FIRST_GUESS = 4096

/** The request, shaped as OTLP/JSON, in protobuf. Throws MalformedPayload for a value that its field cannot hold. */
export function encodeProtobuf(type: string, request: Fields): Encoded {
  const writer = new ProtobufWriter(FIRST_GUESS)
  // It is written from its end, so that is where a place is counted from.
  const found: { readonly fromEnd: number; readonly slot: SlotKind; readonly form: Place['form'] }[] = []
  writer.special = (field, value) => {
    if (!(value instanceof Slot)) return false
    const before = writer.length
    const form = writeBlank(field, value.of, writer)
    found.push({ fromEnd: writer.length, slot: value.of, form })
    if (value.of.kind === 'ordinal') writer.string(value.of.before)
    if (form === 'content') writer.close(before, field.number)
    else writer.tag(field.number, form === 'varint' ? 0 : 1)
    return true
  }
  writeMessage(fieldsOf(type), request, writer, 0)
  const bytes = writer.finish().slice()
  return { bytes, places: found.reverse().map(({ fromEnd, slot, form }) => ({ at: bytes.length - fromEnd, slot, form })) }
}

/** A sequence number as a varint has bytes to spare: protobuf readers take up to ten, whatever the number. */
function writeBlank({ kind }: Field, slot: SlotKind, writer: ProtobufWriter): Place['form'] {
  switch (slot.kind) {
    case 'trace':
      writer.raw(new Uint8Array(16))
      return 'content'
    case 'span':
      writer.raw(new Uint8Array(8))
      return 'content'
    case 'ordinal':
      writer.raw(encoder.encode('0'.repeat(slot.digits) + slot.after))
      return 'content'
    case 'status':
      writer.varint(0)
      return 'varint'
    case 'time':
      writer.raw(new Uint8Array(8))
      return 'fixed64'
    case 'sequence':
      writer.raw(new Uint8Array(kind === 'sfixed64' ? 8 : SEQUENCE_VARINT))
      return kind === 'sfixed64' ? 'fixed64' : 'varint'
  }
}
