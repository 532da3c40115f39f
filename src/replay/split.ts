import type { Limits } from './gather.ts'
import { type Alike, oneByOne } from './scan/alike.ts'
import type { Arena } from './scan/arena.ts'

/** One line as it lies in the file: JSON text without its newline, or a message without its length. */
export interface RawLine {
  readonly from: number
  /** Where the next one starts. */
  readonly to: number
  /** Missing where it is too long to be held. */
  readonly bytes: Uint8Array | undefined
  /** Why it cannot be sent. */
  readonly bad?: string
  /** The file ends before the line does. */
  readonly cut?: boolean
  /** It is several lines, or one, that need no second look. */
  readonly alike?: Alike
}

/** The lines that it is, each for itself. */
export const eachOf = (line: RawLine): readonly RawLine[] =>
  line.bytes && line.alike ? oneByOne(line.from, line.bytes, line.alike.ends) : [line]

export interface Split {
  readonly lines: readonly RawLine[]
  /** How many of the bytes are dealt with; the next bytes asked for start behind them. */
  readonly consumed: number
}

/** Finds the lines in bytes that start with one. `base` is the offset of the first byte; at the end of the file nothing is left over. */
export type Splitter = (bytes: Buffer, base: number, atEnd: boolean, arena?: Arena) => Split

/** Why it cannot be sent. */
export const lineTooLong = (maxLine: number): string => `line of more than ${maxLine} bytes`

const NEWLINE = 0x0a
const CARRIAGE_RETURN = 0x0d

/** JSON lines. */
export const splitAtNewlines: Splitter = (bytes, base, atEnd) => {
  const lines: RawLine[] = []
  let start = 0
  // Buffer's indexOf of a single byte runs at memory speed, Uint8Array's does not.
  for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
    lines.push({ from: base + start, to: base + end + 1, bytes: bytes.subarray(start, withoutReturn(bytes, start, end)) })
    start = end + 1
  }
  if (!atEnd || start === bytes.length) return { lines, consumed: start }
  lines.push({ from: base + start, to: base + bytes.length, bytes: bytes.subarray(start), cut: true })
  return { lines, consumed: bytes.length }
}

/**
 * JSON lines, those from an offset on that are alike as one of so many bytes and items at most, where the bytes lie in an arena.
 * What they take is shared out evenly: full requests would leave a few lines over, which take as long as a full one.
 */
export const splitAlike =
  (most: Limits, from = 0): Splitter =>
  (bytes, base, atEnd, arena) => {
    if (!arena || base < from) return splitAtNewlines(bytes, base, atEnd)
    const lines: RawLine[] = []
    for (let start = 0; ; ) {
      const left = bytes.length - start
      const share = Math.ceil(left / Math.max(1, Math.ceil(left / most.bytes)))
      const alike = arena.alike(bytes.subarray(start, start + share), most.items)
      const end = alike ? start + (alike.ends.at(-1) as number) : bytes.indexOf(NEWLINE, start)
      if (end < 0) {
        const { lines: rest, consumed } = splitAtNewlines(bytes.subarray(start), base + start, atEnd)
        return { lines: [...lines, ...rest], consumed: start + consumed }
      }
      const of = { from: base + start, to: base + end + 1 }
      if (alike) lines.push({ ...of, bytes: bytes.subarray(start, end), alike })
      else lines.push({ ...of, bytes: bytes.subarray(start, withoutReturn(bytes, start, end)) })
      start = end + 1
    }
  }

const withoutReturn = (bytes: Uint8Array, start: number, end: number): number =>
  end > start && bytes[end - 1] === CARRIAGE_RETURN ? end - 1 : end

/** Messages behind their lengths, 4 bytes, big-endian. `first` are the bytes that every message but an empty one starts with. */
export const splitAtLengths =
  (first: readonly number[], maxLength: number): Splitter =>
  (bytes, base, atEnd) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const lines: RawLine[] = []
    const startsWell = (at: number) => first.every((byte, index) => at + index >= bytes.length || bytes[at + index] === byte)
    const lengthAt = (at: number): number | undefined => {
      const length = view.getUint32(at)
      return length <= maxLength && (length === 0 || startsWell(at + 4)) ? length : undefined
    }
    /** Whether a run of messages starts here: this one and the one after it, as far as they can be seen. */
    const isStart = (at: number): boolean => {
      const length = at + 4 <= bytes.length ? lengthAt(at) : undefined
      if (!length) return false
      const next = at + 4 + length
      if (next === bytes.length) return true
      return next + 4 + first.length <= bytes.length ? lengthAt(next) !== undefined : !atEnd
    }
    /** Of a message that is longer than it may be: only what comes behind it tells that its length is right. */
    const endOfLong = (at: number): number | undefined => {
      const next = at + 4 + view.getUint32(at)
      return next <= bytes.length && startsWell(at + 4) && startsWell(next + 4) ? next : undefined
    }
    let at = 0
    while (at + 4 <= bytes.length) {
      const length = lengthAt(at)
      const long = length === undefined ? endOfLong(at) : undefined
      if (long !== undefined) {
        lines.push({ from: base + at, to: base + long, bytes: bytes.subarray(at + 4, long), bad: lineTooLong(maxLength) })
        at = long
        continue
      }
      if (length === undefined) {
        let next = at + 1
        while (next < bytes.length && !isStart(next)) next++
        lines.push({
          from: base + at,
          to: base + next,
          bytes: bytes.subarray(at, next),
          bad: `damaged: no length of a message here${startsWell(at + 4) ? `, or one of more than ${maxLength} bytes` : ''}`,
        })
        at = next
        continue
      }
      const next = at + 4 + length
      if (next > bytes.length) break
      lines.push({ from: base + at, to: base + next, bytes: bytes.subarray(at + 4, next) })
      at = next
    }
    if (!atEnd || at === bytes.length) return { lines, consumed: at }
    lines.push({ from: base + at, to: base + bytes.length, bytes: bytes.subarray(at), cut: true })
    return { lines, consumed: bytes.length }
  }
