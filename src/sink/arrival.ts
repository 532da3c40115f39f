import type { Payload } from '../otlp/payload.ts'

/** Decides which items of a request are taken. The index is the item's place in it, the sequence 0 for somebody else's telemetry. */
export type Keep = (index: number, sequence: number) => boolean

/** A request that was well addressed. */
export interface Arrival extends Payload {
  /** Whether the client has given up, and its request is gone with it. */
  readonly abandoned: () => boolean
  readonly keep?: Keep
  /** How it came, for who passes it on. */
  readonly via?: { readonly path: string; readonly headers: Readonly<Record<string, string | undefined>> }
}

/** What becomes of it. The text is for the sender. */
export interface Answer {
  /** Of HTTP; gRPC gets the code that a collector makes of it. */
  readonly status: number
  readonly message?: string
  /** A google.rpc.Code, where it is not the one that follows from the status. */
  readonly code?: number
  readonly retryAfterMs?: number
  /** Partial success: so many items were not taken, and are not to be sent again. */
  readonly rejected?: number
  /** The connection is reset, and nobody gets this answer. */
  readonly reset?: boolean
}

export type Receive = (arrival: Arrival) => Promise<Answer>

export const TAKEN: Answer = { status: 200 }

/** The same request with less of it taken. */
export const filtered = (arrival: Arrival, keep: Keep): Arrival => {
  const { keep: before } = arrival
  return { ...arrival, keep: before ? (index, sequence) => before(index, sequence) && keep(index, sequence) : keep }
}
