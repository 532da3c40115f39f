import { SEQUENCE_DIGITS, TIME_DIGITS } from './slot.ts'
import type { Writers } from './template.ts'

const QUOTE = 34
const SPACE = 32
const ZERO = 48

/** The two hexadecimal digits of each byte. */
const HEX = Uint8Array.from(Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0')).join(''), digit =>
  digit.charCodeAt(0),
)

/** Numbers of JSON: as long as they are, then the closing quote, then spaces. */
export function textWriters(bytes: Uint8Array): Writers {
  const hex = (at: number, byte: number) => {
    bytes[at] = HEX[byte * 2] as number
    bytes[at + 1] = HEX[byte * 2 + 1] as number
  }
  const digits = new Uint8Array(SEQUENCE_DIGITS)
  const sequence = (at: number, value: number) => {
    let count = 0
    for (let rest = value; rest > 0; rest = Math.floor(rest / 10)) digits[count++] = ZERO + (rest % 10)
    for (let index = 0; index < count; index++) bytes[at + index] = digits[count - 1 - index] as number
    bytes[at + count] = QUOTE
    bytes.fill(SPACE, at + count + 1, at + SEQUENCE_DIGITS + 1)
  }
  return {
    id(at, words) {
      for (let index = 0; index < words.length; index++) {
        const word = words[index] as number
        const start = at + index * 8
        hex(start, word >>> 24)
        hex(start + 2, (word >>> 16) & 255)
        hex(start + 4, (word >>> 8) & 255)
        hex(start + 6, word & 255)
      }
    },
    sequence,
    fixed: sequence,
    time: nanos => new TextEncoder().encode(`${nanos}"`.padEnd(TIME_DIGITS + 1)),
    zero: ZERO,
  }
}
