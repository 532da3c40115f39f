import { SEQUENCE_VARINT } from './slot.ts'
import type { Writers } from './template.ts'

/** Ids have their first byte first, numbers their last. */
export function protobufWriters(bytes: Uint8Array): Writers {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return {
    id(at, words) {
      for (let index = 0; index < words.length; index++) view.setUint32(at + index * 4, words[index] as number)
    },
    sequence(at, value) {
      let rest = value
      for (let index = 0; index < SEQUENCE_VARINT - 1; index++) {
        bytes[at + index] = (rest % 128) | 128
        rest = Math.floor(rest / 128)
      }
      bytes[at + SEQUENCE_VARINT - 1] = rest
    },
    fixed(at, value) {
      view.setUint32(at, value % 2 ** 32, true)
      view.setUint32(at + 4, Math.floor(value / 2 ** 32), true)
    },
    time(nanos) {
      const eight = new Uint8Array(8)
      new DataView(eight.buffer).setBigUint64(0, nanos, true)
      return eight
    },
    zero: 0,
  }
}
