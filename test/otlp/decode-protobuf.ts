import { MESSAGES } from '../../src/otlp/messages.ts'

type Fields = Record<string, unknown>

const LISTS =
  /^(?:attributes|filteredAttributes|metadata|entityRefs|idKeys|descriptionKeys|values|dataPoints|exemplars|bucketCounts|explicitBounds|quantileValues|events|links|spans|metrics|logRecords|(?:resource|scope)(?:Spans|Metrics|Logs))$/

/** A message as OTLP/JSON would have it, read field by field with nothing of the encoder but the table of messages. */
export function decodeProtobuf(type: string, bytes: Uint8Array): Fields {
  const names = new Map(Array.from(MESSAGES.get(type) ?? [], ([name, [number, inner]]) => [number, { name, inner }]))
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const found: Fields = {}
  let at = 0
  const varint = (): bigint => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = view.getUint8(at++)
      value |= BigInt(byte & 127) << shift
      if (byte < 128) return BigInt.asUintN(64, value)
    }
  }
  const scalar = (inner: string): unknown => {
    if (inner === 'bool') return varint() === 1n
    if (inner === 'varint') return varint()
    if (inner === 'sint32') {
      const raw = varint()
      return (raw >> 1n) ^ -(raw & 1n)
    }
    at += inner === 'fixed32' ? 4 : 8
    if (inner === 'double') return view.getFloat64(at - 8, true)
    if (inner === 'fixed32') return BigInt(view.getUint32(at - 4, true))
    return inner === 'sfixed64' ? view.getBigInt64(at - 8, true) : view.getBigUint64(at - 8, true)
  }
  while (at < bytes.length) {
    const tag = Number(varint())
    const field = names.get(tag >> 3)
    if (!field) throw new Error(`${type} has no field ${tag >> 3}`)
    const { name, inner } = field
    const values: unknown[] = []
    if ((tag & 7) !== 2) values.push(scalar(inner))
    else {
      const end = Number(varint()) + at
      const content = bytes.subarray(at, end)
      if (end > bytes.length) throw new Error(`${name} is cut short`)
      if (MESSAGES.has(inner)) values.push(decodeProtobuf(inner, content))
      else if (inner === 'string') values.push(new TextDecoder().decode(content))
      else if (inner === 'id') values.push(Buffer.from(content).toString('hex'))
      else if (inner === 'bytes') values.push(Buffer.from(content).toString('base64'))
      else while (at < end) values.push(scalar(inner))
      at = end
    }
    if (LISTS.test(name)) found[name] = [...((found[name] as unknown[]) ?? []), ...values]
    else found[name] = values[0]
  }
  return found
}

/** JSON has 64-bit numbers as text and small ones as numbers; here they are all of one kind. */
export const alike = (value: unknown, key = ''): unknown => {
  if (Array.isArray(value)) return value.map(entry => alike(entry, key))
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, alike(inner, name)]))
  if (/UnixNano$|^(?:intValue|asInt|count|bucketCounts|zeroCount)$/.test(key) || typeof value === 'bigint') return Number(value)
  return value
}
