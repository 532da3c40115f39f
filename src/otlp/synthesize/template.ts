import type { Encoding } from '../signal.ts'
import { idFiller, ordinalFillers, sequenceFiller, statusFiller, timeFillers } from './fillers.ts'
import type { Ids } from './ids.ts'
import { protobufWriters } from './protobuf-writers.ts'
import type { Encoded, Kind, Place } from './slot.ts'
import { textWriters } from './text-writers.ts'

/** Writes one kind of slot: from the sequence number of the request's first item, and the time of sending. */
export type Filler = (first: number, epochMs: number) => void

/** How the two encodings write what changes, straight into the bytes of a request. */
export interface Writers {
  id(at: number, words: Uint32Array): void
  /** As a 64-bit number that may be of any length. */
  sequence(at: number, value: number): void
  /** As a 64-bit number of eight bytes, where the encoding has such. */
  fixed(at: number, value: number): void
  time(nanos: bigint): Uint8Array
  /** The byte for 0 of a number with one digit. */
  readonly zero: number
}

/** A request that was encoded once. Filling it costs what changes, not what it holds; the bytes are the same ones each time. */
export class Template {
  readonly items: number
  readonly bytes: Uint8Array
  /** Whether all requests from it are the same. */
  readonly isFixed: boolean
  #fillers: readonly Filler[]

  constructor({ bytes, places }: Encoded, items: number, encoding: Encoding, ids: Ids) {
    this.items = items
    this.isFixed = places.length === 0
    this.bytes = bytes
    this.#fillers = fillersOf(places, bytes, encoding === 'json' ? textWriters(bytes) : protobufWriters(bytes), ids)
  }

  fill(first: number, epochMs: number): void {
    for (const fill of this.#fillers) fill(first, epochMs)
  }
}

function fillersOf(places: readonly Place[], bytes: Uint8Array, writers: Writers, ids: Ids): Filler[] {
  const of = (kind: Kind) => places.filter(({ slot }) => slot.kind === kind)
  const sequences = of('sequence')
  return [
    idFiller(of('trace'), ids.trace, 4, writers.id),
    idFiller(of('span'), ids.span, 2, writers.id),
    sequenceFiller(
      sequences.filter(({ form }) => form !== 'fixed64'),
      writers.sequence,
    ),
    sequenceFiller(
      sequences.filter(({ form }) => form === 'fixed64'),
      writers.fixed,
    ),
    ...timeFillers(of('time'), bytes, writers.time),
    ...ordinalFillers(of('ordinal'), bytes),
    statusFiller(of('status'), bytes, writers.zero),
  ]
}

/** Nanoseconds since 1970; they do not fit a double. */
export const timeOf = (epochMs: number, shiftNs: number): bigint => {
  const nanos = BigInt(Math.floor(epochMs)) * 1_000_000n + BigInt(shiftNs)
  return nanos > 0n ? nanos : 0n
}
