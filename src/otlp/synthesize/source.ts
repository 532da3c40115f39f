import type { Payload } from '../payload.ts'
import type { Encoding, Signal } from '../signal.ts'
import type { Ids } from './ids.ts'

/** What all requests of a run have in common. */
export interface Marks {
  readonly encoding: Encoding
  /** 16 hexadecimal digits that all items carry. */
  readonly run: string
  readonly ids: Ids
  /** Where cumulative metrics begin. */
  readonly startedAtMs: number
}

/** Where the requests of one signal come from. */
export interface Source {
  readonly signal: Signal
  /** The next request, which begins with item number `first` and has `wanted` items where it is free to choose. Undefined: there are no more. */
  next(first: number, wanted: number, epochMs: number): Outgoing | undefined
}

export interface Outgoing {
  readonly payload: Payload
  readonly items: number
  /** To be called when the request was accepted, and only then: its bytes are used again. */
  readonly settled: () => void
}
