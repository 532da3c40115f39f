/**
 * Stands in a request, shaped as OTLP/JSON, where each sending puts something new. All the rest is encoded once.
 * `item` is the place of a span, data point or log record in its request, from 0; its sequence number follows from it.
 * Before the request's own items it is below 0: a link to a span sent earlier.
 */
export type SlotKind =
  | { readonly kind: 'trace'; readonly item: number }
  | { readonly kind: 'span'; readonly item: number }
  /** The sequence number, as a 64-bit integer. */
  | { readonly kind: 'sequence'; readonly item: number }
  /** The time of sending, moved by so many nanoseconds. */
  | { readonly kind: 'time'; readonly shiftNs: number }
  /** One of `of` texts in turn, which differ in `digits` decimals between `before` and `after`. */
  | {
      readonly kind: 'ordinal'
      readonly item: number
      readonly of: number
      readonly digits: number
      readonly before: string
      readonly after: string
    }
  /** The code of a span's status: an error for this share (0 to 1) of all spans, evenly spread. */
  | { readonly kind: 'status'; readonly item: number; readonly errors: number }

export type Kind = SlotKind['kind']

/** A class, so that an encoder tells it from plain data. */
export class Slot {
  readonly of: SlotKind

  constructor(of: SlotKind) {
    this.of = of
  }
}

/** Where the bytes of a slot begin in an encoded request. */
export interface Place {
  readonly at: number
  readonly slot: SlotKind
  /** In protobuf, numbers come in two forms. */
  readonly form: 'content' | 'varint' | 'fixed64'
}

/** A request with the places that are to be filled. */
export interface Encoded {
  readonly bytes: Uint8Array
  readonly places: readonly Place[]
}

/** Wide enough for every sequence number that a double can count to: 2^53. */
export const SEQUENCE_DIGITS = 16
export const SEQUENCE_VARINT = 8
/** The largest 64-bit number has 20 digits. */
export const TIME_DIGITS = 20
