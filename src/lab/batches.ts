import type { Batch } from '../model/node.ts'
import { joinRequests } from '../otlp/encodings.ts'
import type { Payload } from '../otlp/payload.ts'
import type { Encoding, Signal } from '../otlp/signal.ts'

export const toBatch = ({ signal, encoding, body }: Payload, items: number): Batch => ({
  kind: `${signal} ${encoding}`,
  items,
  bytes: body.length,
  parts: [body],
})

/** What a batch holds as one request; batches are only ever joined with their like. */
export function toPayload({ kind, parts }: Batch): Payload {
  const [signal, encoding] = kind.split(' ') as [Signal, Encoding]
  return { signal, encoding, body: joinRequests(signal, encoding, parts as readonly Uint8Array[]) }
}

export const signalOf = ({ kind }: Batch): Signal => kind.split(' ')[0] as Signal
