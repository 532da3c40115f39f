import type { Signal } from '../otlp/signal.ts'
import { CLOSING, OPENINGS } from './envelope.ts'
import type { HeldLine } from './read-backup.ts'

const COMMA = 0x2c
const SPACE = 0x20
/** A newline, with or without a carriage return before it. */
const MAX_GAP = 2

/** Several lines of one signal and encoding as one request, as bytes: nothing is parsed. */
export function bodyOf(lines: readonly HeldLine[]): Uint8Array {
  const [first] = lines as [HeldLine]
  if (lines.length === 1) return first.bytes
  if (first.encoding === 'protobuf') return concatenate(lines)
  return lieTogether(lines) ? joinInPlace(lines) : joinByCopy(first.signal, lines)
}

/** Where in a body of several lines of JSON the resources of each lie; undefined where it is not made of several. */
export function resourcesOf(lines: readonly HeldLine[], body: Uint8Array): [from: number, to: number][] | undefined {
  const [first] = lines as [HeldLine]
  if (lines.length === 1 || first.encoding !== 'json') return undefined
  const opening = OPENINGS[first.signal].length
  const isInPlace = body.buffer === first.bytes.buffer
  let at = 0
  return lines.map(({ bytes }) => {
    if (isInPlace) at = bytes.byteOffset - body.byteOffset
    const part: [number, number] = [at + opening, at + bytes.length - CLOSING.length]
    // A copied body has a comma where lines have their ends.
    at = part[1] + 1 - opening
    return part
  })
}

/** Undoes what `bodyOf` did to the lines' own bytes. */
export function restore(lines: readonly HeldLine[]): void {
  for (const { encoding, joinable, signal, bytes } of lines) {
    if (encoding !== 'json' || !joinable) continue
    bytes.set(OPENINGS[signal])
    bytes.set(CLOSING, bytes.length - CLOSING.length)
  }
}

/** Bytes that joining adds to a line, at most. */
export const JOIN_COST = 1

// A protobuf message followed by another is the message with the fields of both.
function concatenate(lines: readonly HeldLine[]): Uint8Array {
  const body = new Uint8Array(lines.reduce((sum, { bytes }) => sum + bytes.length, 0))
  let at = 0
  for (const { bytes } of lines) {
    body.set(bytes, at)
    at += bytes.length
  }
  return body
}

const lieTogether = (lines: readonly HeldLine[]): boolean =>
  lines.every((line, index) => {
    const before = lines[index - 1]
    if (!before) return line.chunk !== undefined
    const gap = line.bytes.byteOffset - before.bytes.byteOffset - before.bytes.length
    return line.chunk === before.chunk && gap >= 0 && gap <= MAX_GAP
  })

/** The end of a line, the newline and the start of the next become a comma and spaces: nothing moves. */
function joinInPlace(lines: readonly HeldLine[]): Uint8Array {
  const [first, last] = [lines[0] as HeldLine, lines.at(-1) as HeldLine]
  const from = first.bytes.byteOffset
  const body = new Uint8Array(first.bytes.buffer, from, last.bytes.byteOffset + last.bytes.length - from)
  const opening = OPENINGS[first.signal].length
  for (let index = 1; index < lines.length; index++) {
    const { bytes } = lines[index] as HeldLine
    const before = (lines[index - 1] as HeldLine).bytes
    const joint = before.byteOffset + before.length - CLOSING.length - from
    body[joint] = COMMA
    body.fill(SPACE, joint + 1, bytes.byteOffset + opening - from)
  }
  return body
}

function joinByCopy(signal: Signal, lines: readonly HeldLine[]): Uint8Array {
  const [opening, closing] = [OPENINGS[signal], CLOSING]
  const inner = lines.map(({ bytes }) => bytes.subarray(opening.length, bytes.length - closing.length))
  const body = new Uint8Array(inner.reduce((sum, { length }) => sum + length + 1, opening.length + closing.length - 1))
  body.set(opening)
  let at = opening.length
  for (const [index, part] of inner.entries()) {
    if (index > 0) body[at++] = COMMA
    body.set(part, at)
    at += part.length
  }
  body.set(closing, at)
  return body
}
