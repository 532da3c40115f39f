/** A field of a protobuf message: a number, or the content of a length-delimited field. Eight- and four-byte fields are skipped. */
export interface WireField {
  readonly number: number
  readonly value: number | Uint8Array
}

/** The fields of a small message, in their order. Ends quietly where the message is cut short or is none. */
export function* wireFields(message: Uint8Array): Generator<WireField> {
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let scale = 1; at < message.length; scale *= 128) {
      const byte = message[at++] as number
      value += (byte & 127) * scale
      if (byte < 128) break
    }
    return value
  }
  while (at < message.length) {
    const tag = varint()
    const number = Math.floor(tag / 8)
    switch (tag % 8) {
      case 0:
        yield { number, value: varint() }
        break
      case 1:
        at += 8
        break
      case 2: {
        const length = varint()
        if (at + length > message.length) return
        yield { number, value: message.subarray(at, at + length) }
        at += length
        break
      }
      case 5:
        at += 4
        break
      default:
        return
    }
  }
}

/** Bytes of one field; what is 0 or empty is left out, as protobuf does. */
export function wireField(number: number, value: number | Uint8Array): number[] {
  if (typeof value === 'number') return value === 0 ? [] : [...varintBytes(number * 8), ...varintBytes(value)]
  return value.length === 0 ? [] : [...varintBytes(number * 8 + 2), ...varintBytes(value.length), ...value]
}

function varintBytes(value: number): number[] {
  const bytes: number[] = []
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest]
    bytes.push((rest % 128) + 128)
  }
}
