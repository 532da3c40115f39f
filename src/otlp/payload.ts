import type { Encoding, Signal } from './signal.ts'

/** A request body on its way. */
export interface Payload {
  readonly signal: Signal
  readonly encoding: Encoding
  readonly body: Uint8Array
}
