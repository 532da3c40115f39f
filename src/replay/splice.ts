import type { Signal } from '../otlp/signal.ts'
import { CLOSING, OPENINGS } from './envelope.ts'
import type { Held } from './held.ts'
import { oneByOne } from './scan/alike.ts'

const COMMA = 0x2c
const SPACE = 0x20
/** A newline, with or without a carriage return before it. */
const MAX_GAP = 2

/** Several lines of one signal and encoding as one request, as bytes: nothing is parsed. */
export function bodyOf(lines: readonly Held[]): Uint8Array {
  const [first] = lines as [Held]
  if (first.encoding === 'protobuf') return lines.length === 1 ? first.bytes : concatenate(lines)
  for (const { signal, bytes, ends } of lines)
    for (let index = 0; ends && index < ends.length - 1; index++) join(signal, bytes, ends[index] as number, 1)
  if (lines.length === 1) return first.bytes
  return lieTogether(lines) ? joinInPlace(lines) : joinByCopy(first.signal, lines)
}

/** Where in a body of several lines of JSON the resources of each lie; undefined where it is not made of several. */
export function resourcesOf(lines: readonly Held[], body: Uint8Array): [from: number, to: number][] | undefined {
  const [first] = lines as [Held]
  if (first.encoding !== 'json' || (lines.length === 1 && !first.ends)) return undefined
  const opening = OPENINGS[first.signal].length
  const isInPlace = body.buffer === first.bytes.buffer
  let at = 0
  return lines.flatMap(({ bytes, ends = new Uint32Array([bytes.length]) }) => {
    if (isInPlace) at = bytes.byteOffset - body.byteOffset
    const parts = oneByOne(at, bytes, ends).map(({ from, bytes: { length } }): [number, number] => [
      from + opening,
      from + length - CLOSING.length,
    ])
    // A copied body has a comma where lines have their ends.
    at += bytes.length + 1 - opening - CLOSING.length
    return parts
  })
}

/** Undoes what `bodyOf` did to the lines' own bytes. */
export function restore(lines: readonly Held[]): void {
  for (const { encoding, joinable, signal, bytes, ends } of lines) {
    if (encoding !== 'json' || !joinable) continue
    bytes.set(OPENINGS[signal])
    bytes.set(CLOSING, bytes.length - CLOSING.length)
    for (const end of ends?.subarray(0, -1) ?? []) {
      bytes.set(CLOSING, end - CLOSING.length)
      bytes.set(OPENINGS[signal], end + 1)
    }
  }
}

/** Bytes that joining adds to a line, at most. */
export const JOIN_COST = 1

// A protobuf message followed by another is the message with the fields of both.
function concatenate(lines: readonly Held[]): Uint8Array {
  const body = new Uint8Array(lines.reduce((sum, { bytes }) => sum + bytes.length, 0))
  let at = 0
  for (const { bytes } of lines) {
    body.set(bytes, at)
    at += bytes.length
  }
  return body
}

const lieTogether = (lines: readonly Held[]): boolean =>
  lines.every((line, index) => {
    const before = lines[index - 1]
    if (!before) return line.chunk !== undefined
    const gap = line.bytes.byteOffset - before.bytes.byteOffset - before.bytes.length
    return line.chunk === before.chunk && gap >= 0 && gap <= MAX_GAP
  })

/** Nothing moves. */
function joinInPlace(lines: readonly Held[]): Uint8Array {
  const [{ bytes: first, signal }, { bytes: last }] = [lines[0] as Held, lines.at(-1) as Held]
  const from = first.byteOffset
  const body = new Uint8Array(first.buffer, from, last.byteOffset + last.length - from)
  for (let index = 1; index < lines.length; index++) {
    const end = endOf(lines[index - 1] as Held) - from
    join(signal, body, end, (lines[index] as Held).bytes.byteOffset - from - end)
  }
  return body
}

const endOf = ({ bytes }: Held): number => bytes.byteOffset + bytes.length

/** The end of a line, the newline and the start of the next become a comma and spaces. */
function join(signal: Signal, bytes: Uint8Array, end: number, gap: number): void {
  const joint = end - CLOSING.length
  const next = end + gap + OPENINGS[signal].length
  bytes[joint] = COMMA
  // So few that a call of fill takes longer.
  for (let at = joint + 1; at < next; at++) bytes[at] = SPACE
}

function joinByCopy(signal: Signal, lines: readonly Held[]): Uint8Array {
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
